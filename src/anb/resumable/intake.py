"""The bytes that one request brings to an upload: counted, and checked by their first bytes and their checksum."""

from collections.abc import Callable

import anyio

from anb.media.head import Head
from anb.ports import PartialFile
from anb.resumable.domain import UploadTooLarge, WriteLock
from anb.resumable.tus import Checksum
from anb.sentences import Sentence


class Intake:
    """The bytes written with one lock."""

    def __init__(
        self, file: PartialFile, lock: WriteLock, check: Checksum | None, head: Head, prepare: Callable[[], None]
    ) -> None:
        self.file, self.lock, self.check, self.head = file, lock, check, head
        self._prepare = prepare
        self.moved = True
        self.is_judged = False
        self.is_over = False
        self.noting = anyio.Lock()
        self._room = lock.bytes - lock.offset

    @property
    def is_whole(self) -> bool:
        """Whether every byte of the upload was received."""
        return self._room == 0

    def feed(self, batch: list[bytes]) -> None:
        """Write the next bytes. Raises UploadTooLarge, NotAVideo, Outage."""
        for chunk in batch:
            self._room -= len(chunk)
            if self._room < 0:
                came = self.lock.bytes - self._room
                raise UploadTooLarge(found=Sentence("amount.least", {"least": came}), limit=self.lock.bytes)
            self.head.add(chunk)
            if self.check is None:
                self.head.check()
            else:  # which may still show that these bytes are not the ones that were sent
                self.check.sum.update(chunk)
            self.file.write(chunk)
        self._prepare()
        self.moved = True

    def check_all(self) -> None:
        """Check the checksum, then the first bytes; without a checksum, `feed` has checked them already.

        Raises WrongChecksum, NotAVideo.
        """
        if self.check is not None:
            self.check.check()
        self.head.check()
