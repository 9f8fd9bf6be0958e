"""Probe a file by libav in a child in the sandbox: little time and memory, and at most a few at once on this host."""

import fcntl
import os
import stat
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from subprocess import Popen
from typing import BinaryIO

from anb.adapters.libav_facts import NotFacts, believed
from anb.adapters.sandbox import Sandbox
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import PYTHON, of_python, path_of, python
from anb.adapters.tethered import said_by
from anb.errors import Outage
from anb.ports import CutShort, Unreadable

# What a file must begin with to be opened at all, and the demuxer that may open it.
BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}  # QuickTime before 2001 has no ftyp
BOX = struct.Struct(">I4sQ")  # size, kind, and the size where the first says 1
SHORTEST_BOX, MOST_BOXES = 8, 64
EBML = b"\x1a\x45\xdf\xa3"

MEMORY_BYTES = 1536 * 1024 * 1024  # the first frame of 8192x8192 in ten bits takes half of it
OPEN_FILES = 64
SAID_BYTES = 64 * 1024  # facts take 1 KB; who says more is not our child any more
TICK = 0.25  # seconds
CHILD = Path(__file__).with_name("libav_child.py")
SIGNALS = range(128 + 1, 128 + 65)  # how the sandbox tells that the child died of one
PATIENCE = 60.0  # seconds to wait for a slot
CPU_SECONDS = 10  # a probe takes a hundredth of it; its own limit may be longer, where a share is to be waited for


class LibavProber:
    """Probes in `at_once` slots: locked files below `slots`, which processes share and the dead give up."""

    def __init__(self, slots: Path, at_once: int, seconds: float, sandbox: Sandbox | None = None) -> None:
        self._slots = [slots / f"{number}.lock" for number in range(at_once)]
        self._seconds = seconds
        self._sandbox = sandbox or Sandbox()

    def probe(self, path: Path) -> Mapping[str, object]:
        """Return what the container and its first frame say. Raises Unreadable, or Outage."""
        path = path.absolute()
        demuxer = sniff(path)
        child = [python(), *PYTHON, str(CHILD), f"file:{path}", demuxer]
        cell = Cell(of_python("av") | {CHILD}, (path,), environment=path_of("av"))
        # FSIZE 0: the child has nothing to write but its answer, into a pipe.
        limits = {
            "cpu": min(int(self._seconds), CPU_SECONDS) + 1,
            "data": MEMORY_BYTES,
            "nofile": OPEN_FILES,
            "fsize": 0,
        }
        try:
            with self._slot(), self._sandbox.running(child, cell, memory=MEMORY_BYTES, **limits) as process:
                facts, complaint = self._listen(process)
        except OSError as error:
            raise Outage(f"a probe cannot be started: {error}") from error
        return understood(facts, complaint, process.returncode, demuxer)

    def _listen(self, process: Popen[bytes]) -> tuple[bytes, bytes]:
        """Take down what the child says until it ends. Raises Unreadable when that takes too long or too many words."""
        deadline = time.monotonic() + self._seconds
        facts = complaint = b""
        for said, complained in said_by(process, TICK):
            facts, complaint = facts + said, complaint + complained
            if time.monotonic() > deadline:
                raise Unreadable(f"took longer than {self._seconds:g} s")
            if len(facts) + len(complaint) > SAID_BYTES:
                raise Unreadable("the probe said too much")
        return facts, complaint

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Hold one of the slots. Raises Outage when none gets free."""
        self._slots[0].parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + PATIENCE
        for number, slot in enumerate(cycle(self._slots)):
            with slot.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Outage(f"no probe got free in {PATIENCE:g} s") from None
                    time.sleep(0.01 if number % len(self._slots) else 0)
                    continue
                yield
                return


def sniff(path: Path) -> str:
    """Name the demuxer that a file's first bytes ask for. Raises Unreadable for all but MP4, MOV, WebM and Matroska."""
    try:
        # A link would show the child a file that nobody uploaded; a pipe would keep us waiting.
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Unreadable("not a plain file")
        with path.open("rb") as file:
            head = file.read(12)
            if head[4:8] in BOXES and _lacks_index(file):
                raise CutShort("pictures without an index")
    except OSError as error:
        raise Outage(f"{path}: {error.strerror}") from error
    if head[4:8] in BOXES:
        return "mov"
    if head.startswith(EBML):
        return "matroska"
    raise Unreadable("neither MP4, MOV nor WebM by its first bytes" if head else "empty")


def _lacks_index(file: BinaryIO) -> bool:
    """Say whether an MP4 holds pictures and no whole index: its end, where phones write it, did not arrive."""
    place, end, pictures = 0, os.fstat(file.fileno()).st_size, False
    for _ in range(MOST_BOXES):
        file.seek(place)
        size, kind, large = BOX.unpack(file.read(BOX.size).ljust(BOX.size, b"\0"))
        place += large if size == 1 else size or end
        if kind == b"moov":
            return place > end
        if kind not in BOXES:
            return False  # fragments, or what libav is to judge
        pictures = pictures or kind == b"mdat"
        if place > end - SHORTEST_BOX:
            return pictures
    return False


def understood(facts: bytes, complaint: bytes, code: int, demuxer: str) -> Mapping[str, object]:
    """Tell the file's fault from ours: a child that was killed met something hostile, one that raised is our bug."""
    if code < 0 or code in SIGNALS:
        raise Unreadable(f"the probe died of signal {-code if code < 0 else code - 128}")
    if code != 0:
        raise Outage(f"the probe ended with {code}: {complaint.decode(errors='replace')[-2000:]}")
    try:
        answer = believed(facts, demuxer)
    except NotFacts as error:
        raise Unreadable(f"the probe said what it never says: {error}") from error
    if "unreadable" in answer:
        raise Unreadable(str(answer["unreadable"]))
    return answer
