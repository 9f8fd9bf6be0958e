"""Start writing a file to disk while it is still arriving, so that the final `fsync` has little left to do."""

import ctypes
import sys

from anb.settings import MIB

STEP_BYTES = 8 * MIB
SYNC_FILE_RANGE_WRITE = 2  # begin to write what is not being written yet; wait for nothing, promise nothing


class Writeback:
    """How much of a file the kernel was asked to write. This is a hint: only `fsync` makes bytes durable."""

    def __init__(self, file: int, begun: int = 0) -> None:
        self._file, self._begun = file, begun

    def reached(self, size: int) -> None:
        """Ask for the bytes since the last call, once there are enough."""
        if size - self._begun >= STEP_BYTES:
            start(self._file, self._begun, size - self._begun)
            self._begun = size


def start(file: int, offset: int, size: int) -> None:
    """Ask the kernel to begin; does nothing where the call does not exist."""
    if sys.platform == "linux":
        call = ctypes.CDLL(None).sync_file_range
        call(file, ctypes.c_int64(offset), ctypes.c_int64(size), SYNC_FILE_RANGE_WRITE)
