"""Probe a file by libav in a sandboxed child, with little time and memory, and few at once on this host."""

import os
import stat
import struct
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen
from typing import BinaryIO

from anb.adapters.media.child_run import SOURCE, ChildRuns, check_end, environment
from anb.adapters.media.probe_facts import NotFacts, believed
from anb.adapters.media.ready_children import ReadyChildren
from anb.adapters.sandbox.requirements import PYTHON, bytecode, of_python, python
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell
from anb.errors import Outage
from anb.ports import HEAD_BYTES, CutShort, Encrypted, TooHeavy, Undecodable, Unreadable
from anb.settings import MIB

# The first bytes of files that may be opened, and the demuxer that opens them.
BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}  # QuickTime before 2001 has no ftyp
BOX = struct.Struct(">I4sQ")  # size, kind, and the size where the first says 1
SHORTEST_BOX, MOST_BOXES = 8, 64
EBML = b"\x1a\x45\xdf\xa3"

MEMORY_BYTES = 1536 * MIB  # the first frame of 8192x8192 in ten bits takes half of it
OPEN_FILES = 64
# The child's own modules and their packages; it sees nothing else of our code.
CHILD = ("-m", "anb.adapters.media.probe_child")
HERE = Path(__file__).parent
MODULES = {
    *(package / "__init__.py" for package in (HERE, HERE.parent, HERE.parents[1])),
    *(HERE / f"probe_{part}.py" for part in ("child", "container", "headers", "picture", "start", "walk")),
}
# What the child names first where it knows more than “no video”.
UNREADABLE = {"EncryptedFrames": Encrypted, "TooManyFrames": TooHeavy, "UndecodableFrames": Undecodable}


class LibavProber:
    """Probes in `at_once` slots, see `ChildRuns`."""

    def __init__(self, slots: Path, at_once: int, seconds: float, sandbox: Sandbox | None = None) -> None:
        self._runs = ChildRuns(slots, at_once, seconds)
        self._sandbox = sandbox or Sandbox()
        self._ready = ReadyChildren(self._started)

    def opens(self, head: bytes) -> bool:
        """Say whether a file with this beginning is opened at all."""
        return demuxer_of(head) is not None

    def prepare(self) -> None:
        """Start a child that waits for the next file."""
        self._ready.prepare()

    def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
        """Return the facts of the container and its frames, see the port. Raises Unreadable, or Outage."""
        path = path.absolute()
        demuxer = sniff(path)
        words = (demuxer, repr(float(start)))
        try:
            with self._runs.slot(), path.open("rb") as file:
                (facts, complaint), code = self._waited(file, words) or self._looked(file, words)
        except OSError as error:
            raise Outage(f"a probe cannot be started: {error}") from error
        return understood(facts, complaint, code, demuxer)

    def _waited(self, file: BinaryIO, words: tuple[str, ...]) -> tuple[tuple[bytes, bytes], int] | None:
        child = self._ready.take()
        return None if child is None else child.look(file.fileno(), words, self._runs.listen)

    def _looked(self, file: BinaryIO, words: tuple[str, ...]) -> tuple[tuple[bytes, bytes], int]:
        with self._started(file.fileno(), *words) as process:
            return self._runs.listen(process), process.returncode

    def _started(self, stdin: int, *words: str) -> AbstractContextManager[Popen[bytes]]:
        """Start a child with the clip as its input or, without words, a socket over which the clip arrives later.

        It sees only the files it is made of. FSIZE is 0: it writes nothing but its answer, into a pipe.
        """
        runs = of_python("av") | MODULES | bytecode(frozenset(MODULES))
        cell = Cell(runs, environment=environment(), lists=(SOURCE,))
        return self._sandbox.running(
            [python(), *PYTHON, *CHILD, *words],
            cell,
            memory=MEMORY_BYTES,
            stdin=stdin,
            cpu=self._runs.cpu_seconds,
            data=MEMORY_BYTES,
            nofile=OPEN_FILES,
            fsize=0,
        )


def sniff(path: Path) -> str:
    """Name the demuxer for a file by its first bytes. Raises Unreadable for all but MP4, MOV, WebM and Matroska."""
    try:
        # A link would show the child a file that was not uploaded; a pipe would keep us waiting.
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Unreadable("not a plain file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if demuxer_of(head) == "mov" and _lacks_index(file):
                raise CutShort("pictures without an index")
    except OSError as error:
        raise Outage(f"{path}: {error.strerror}") from error
    demuxer = demuxer_of(head)
    if demuxer is None:
        raise Unreadable("neither MP4, MOV nor WebM by its first bytes" if head else "empty")
    return demuxer


def demuxer_of(head: bytes) -> str | None:
    """Name the demuxer for these first bytes; None where they do not begin a container that we open."""
    if head[4:8] in BOXES:
        return "mov"
    return "matroska" if head.startswith(EBML) else None


def _lacks_index(file: BinaryIO) -> bool:
    """Say whether an MP4 has pictures but no complete index: phones write it at the end, which did not arrive."""
    place, end, pictures = 0, os.fstat(file.fileno()).st_size, False
    for _ in range(MOST_BOXES):
        file.seek(place)
        size, kind, large = BOX.unpack(file.read(BOX.size).ljust(BOX.size, b"\0"))
        place += large if size == 1 else size or end
        if kind == b"moov":
            return place > end
        if kind not in BOXES:
            return False  # fragments, or a file for libav to judge
        pictures = pictures or kind == b"mdat"
        if place > end - SHORTEST_BOX:
            return pictures
    return False


def understood(facts: bytes, complaint: bytes, code: int, demuxer: str) -> Mapping[str, object]:
    """Return the facts that a child told. Raises Unreadable for the file's fault, Outage for ours."""
    check_end(code, complaint)
    try:
        answer = believed(facts, demuxer)
    except NotFacts as error:
        raise Unreadable(f"the answer of the probe has a wrong form: {error}") from error
    if "unreadable" in answer:
        said = str(answer["unreadable"])
        raise UNREADABLE.get(said.partition(":")[0], Unreadable)(said)
    return answer
