"""Make pictures of a photo by libav in a sandboxed child, in the slots of the probes; believe little of its answer."""

import json
import re
import struct
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anb.adapters.media.child_run import SOURCE, ChildRuns, check_end, environment
from anb.adapters.sandbox.requirements import PYTHON, bytecode, of_python, python
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell
from anb.errors import Outage
from anb.ports import CutShort, MadePhoto, PhotoMoves, PhotoSize, Undecodable, UnknownKind, Unreadable
from anb.settings import MIB

MEMORY_BYTES = 1536 * MIB  # as a probe; 50 million pixels with sixteen bits and transparency take two thirds of it
OPEN_FILES = 64
SAID_BYTES = MIB  # two pictures take 100 kB
CHILD = ("-m", "anb.adapters.media.photo_child")
HERE = Path(__file__).parent
# The child's own modules and their packages; it sees nothing else of our code.
MODULES = {
    *(package / "__init__.py" for package in (HERE, HERE.parent, HERE.parents[1])),
    *(HERE / f"photo_{part}.py" for part in ("child", "header")),
}
SIDES = {"large": 512, "small": 128}
LONGEST_SIDE = 1 << 32  # that a PNG can write
WHY: Mapping[str, type[Unreadable]] = {
    "kind": UnknownKind, "moves": PhotoMoves, "cut-short": CutShort, "damaged": Undecodable,
}  # fmt: skip

# The parts of the pictures that our child codes: tables, the frame, the scan. None of them can hold a text.
BEGIN, SCAN, END = b"\xff\xd8", 0xDA, b"\xff\xd9"
FRAME, TABLES, HEAD = 0xC0, {0xDB, 0xC4, 0xDD}, 0xE0
HEAD_BYTES = 16  # JFIF, without a thumbnail
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")  # within coded pictures, FF is followed by 00 or counts restarts


class LibavPhotos:
    """Makes pictures, in the same slots as probes: both together take no more of a host than probes may."""

    def __init__(self, slots: Path, at_once: int, seconds: float, sandbox: Sandbox | None = None) -> None:
        self._runs = ChildRuns(slots, at_once, seconds)
        self._sandbox = sandbox or Sandbox()

    def make(self, path: Path, least_side: int, most_pixels: int) -> MadePhoto:
        """Make the pictures of a photo, see the port. Raises Unreadable, or Outage."""
        runs = of_python("av") | MODULES | bytecode(frozenset(MODULES))
        cell = Cell(runs, environment=environment(), lists=(SOURCE,))
        command = [python(), *PYTHON, *CHILD, str(least_side), str(most_pixels)]
        limits = {"cpu": self._runs.cpu_seconds, "data": MEMORY_BYTES, "nofile": OPEN_FILES, "fsize": 0}
        try:
            with (
                self._runs.slot(),
                path.open("rb") as file,
                self._sandbox.running(command, cell, memory=MEMORY_BYTES, stdin=file.fileno(), **limits) as process,
            ):
                answer, complaint = self._runs.listen(process, SAID_BYTES)
        except OSError as error:
            raise Outage(f"a photo cannot be read: {error}") from error
        return understood(answer, complaint, process.returncode)


def understood(answer: bytes, complaint: bytes, code: int) -> MadePhoto:
    """Return the pictures that a child made. Raises Unreadable for the file's fault, Outage for ours."""
    check_end(code, complaint)
    try:
        said = json.loads(answer)
        if said.keys() == {"large", "small"}:
            large, small = (b64decode(said[name], validate=True) for name in SIDES)
            if is_plain(large, SIDES["large"]) and is_plain(small, SIDES["small"]):
                return MadePhoto(large, small)
        elif said["refused"] == "size":
            raise PhotoSize(_side(said["width"]), _side(said["height"]))
        elif said["refused"] in WHY:
            raise WHY[said["refused"]](f"the photo is refused: {said['refused']}")
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise Unreadable("the answer of the child has a wrong form") from error
    raise Unreadable("the answer of the child has a wrong form")


def _side(number: Any) -> int:  # noqa: ANN401 - what the child said
    if type(number) is not int or not 0 <= number < LONGEST_SIDE:
        raise ValueError(number)
    return number


def is_plain(picture: bytes, side: int) -> bool:
    """Say whether a JPEG is as our child codes them: its size, one scan, and nothing but pictures."""
    if not picture.startswith(BEGIN) or not picture.endswith(END):
        return False
    place, has_size = len(BEGIN), False
    while place + 4 <= len(picture) and picture[place] == END[0]:
        marker, length = picture[place + 1], struct.unpack_from(">H", picture, place + 2)[0]
        if marker == FRAME:
            has_size = picture[place + 5 : place + 9] == struct.pack(">HH", side, side)
        elif marker == SCAN:
            found = MARKER.search(picture, place + 2 + length)
            return has_size and found is not None and found.start() == len(picture) - len(END)
        elif marker not in TABLES and not (marker == HEAD and length == HEAD_BYTES):
            return False
        place += 2 + length
    return False
