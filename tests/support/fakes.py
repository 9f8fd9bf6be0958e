"""Fakes of the ports: in memory, in milliseconds, keeping the same promises as the adapters."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
    """Writes a file of some bytes where FFmpeg would, in a few steps of progress."""

    runs: list[list[str]] = field(default_factory=list)

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
        declared = {f"file:{path}" for path in reads}
        assert {word for word in arguments[:-1] if word.startswith("file:")} <= declared
        assert Path(arguments[-1].removeprefix("file:")).parent == writes
        self.runs.append(list(arguments))
        for second in range(3):
            if not watch(float(second)):
                raise Stopped
        Path(arguments[-1].removeprefix("file:")).write_bytes(b"an edit")
