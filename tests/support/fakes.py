"""Fakes of the ports: in memory, in milliseconds, keeping the same promises as the adapters."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from anb.errors import Outage
from anb.ports import Stopped, Unreadable


@dataclass
class FakeQueue:
    """Remembers what was sent; can be down."""

    sent: list[UUID] = field(default_factory=list)
    down: bool = False

    def send(self, job_id: UUID) -> None:
        if self.down:
            raise Outage("the task queue cannot be reached")
        self.sent.append(job_id)

    def depth(self) -> int:
        if self.down:
            raise Outage("the task queue cannot be reached")
        return len(self.sent)


# What the prober says of a clip that every rule accepts.
GOOD_CLIP: dict[str, Any] = {
    "demuxer": "mov",
    "container": "mp4",
    "bytes": 1_000_000,
    "moov_first": True,
    "audio_streams": 1,
    "other_streams": 0,
    "tags": [],
    "video": {
        "index": 0,
        "codec": "h264",
        "width": 1920,
        "height": 1080,
        "pixels": "yuv420p",
        "bits": 8,
        "interlaced": False,
        "primaries": "bt709",
        "transfer": "bt709",
        "matrix": "bt709",
        "range": "tv",
        "display_matrix": None,
        "peak_nits": None,
        "sar": [1, 1],
        "profile": "High",
        "field_order": "progressive",
        "frames": 660,
        "seconds": 22.0,
        "average_rate": [30, 1],
        "usual_rate": [30, 1],
        "whole": True,
    },
}

# What it says of an edit made of it, and of the light one.
EDIT: dict[str, Any] = {
    **GOOD_CLIP,
    "audio_streams": 0,
    "tags": ["major_brand", "compatible_brands", "minor_version"],
    "video": {**GOOD_CLIP["video"], "width": 1280, "height": 720, "frames": 810, "seconds": 27.0},
}
LIGHT: dict[str, Any] = {**EDIT, "video": {**EDIT["video"], "width": 640, "height": 360}}


@dataclass
class FakeProber:
    """Says of every clip what a test wants it to say; by default, that it is a good one."""

    facts: dict[str, Any] = field(default_factory=lambda: deepcopy(GOOD_CLIP))
    unreadable: bool = False
    seen: list[Path] = field(default_factory=list)

    def probe(self, path: Path) -> Mapping[str, object]:
        self.seen.append(path)
        if self.unreadable:
            raise Unreadable("no video")
        return deepcopy(self.facts)


@dataclass
class SteadyClock:
    """Stands at the real time until a test moves it."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class PlainPasswords:
    """No work at all."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def matches(self, hashed: str | None, password: str) -> bool:
        return hashed == f"plain:{password}"


@dataclass
class FakeEncoder:
    """Writes files of some bytes where FFmpeg would, in a few steps of progress."""

    runs: list[list[str]] = field(default_factory=list)
    # By name, what a run writes instead; None: nothing.
    writes: dict[str, bytes | None] = field(default_factory=dict)

    def run(
        self,
        arguments: Sequence[str],
        *,
        reads: Sequence[Path] = (),
        writes: Path | None = None,
        watch: Callable[[float], bool],
        limit: float,
    ) -> None:
        assert limit > 0
        self.runs.append(list(arguments))
        named = {word: Path(word.removeprefix("file:")) for word in arguments if word.startswith("file:")}
        assert all(path in reads or path.parent == writes for path in named.values())
        for second in range(3):
            if not watch(float(second)):
                raise Stopped
        read = {word for option, word in pairwise(arguments) if option == "-i"}
        for path in (path for word, path in named.items() if word not in read):
            content = self.writes[path.name] if path.name in self.writes else made_up(path.name, arguments)
            if content is not None:
                path.write_bytes(content)


def made_up(name: str, arguments: Sequence[str]) -> bytes:
    """Return what has the outside of a file that FFmpeg makes."""
    graph = arguments[arguments.index("-filter_complex") + 1] if "-filter_complex" in arguments else ""
    if name.endswith(".mp4"):
        return mp4(b"coded so")
    rows, tiles = re.findall(r"tile=10x(\d+):nb_frames=(\d+)", graph)[0]
    stills = int(tiles) - 1
    if name == "looks.gray":
        return bytes([118]) * 64 * 36 * stills
    return jpeg(1600, 90 * int(rows)) if name == "sprite.jpg" else jpeg(1280, 720) * stills


def mp4(coding: bytes, clock: int = 15360) -> bytes:
    """Return an MP4 that says how its pictures are coded and what the unit of their times is, and has none."""
    header = box(b"mdhd", bytes(12) + clock.to_bytes(4) + bytes(8))
    table = box(b"minf", box(b"stbl", box(b"stsd", coding)))
    return box(b"ftyp", b"isom") + box(b"mdat", b"") + box(b"moov", box(b"trak", box(b"mdia", header + table)))


def box(kind: bytes, body: bytes) -> bytes:
    """Return a box of an MP4."""
    return (8 + len(body)).to_bytes(4) + kind + body


def jpeg(width: int, height: int, padding: int = 0) -> bytes:
    """Return the outside of a JPEG."""
    frame = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2)
    return b"\xff\xd8\xff\xdb" + frame + bytes(padding) + b"\xff\xd9"
