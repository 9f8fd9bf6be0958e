"""Fakes of the ports: in memory, in milliseconds, keeping the same promises as the adapters."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any
from uuid import UUID

from anb.errors import Outage
from anb.ports import Count, EncodingFailed, RateWindow, Stopped, Unreadable
from support.shells import made_up


@dataclass
class FakeQueue:
    """Remembers the messages sent; can be down."""

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


# What the prober says of a clip that each rule accepts.
GOOD_CLIP: dict[str, Any] = {
    "demuxer": "mov",
    "container": "mp4",
    "bytes": 1_000_000,
    "moov_first": True,
    "audio_streams": 1,
    "other_streams": 0,
    "tags": [],
    "ignore_edit_list": False,
    "tracks": [
        {
            "index": 0,
            "kind": "video",
            "codec": "h264",
            "width": 1920,
            "height": 1080,
            "frames": 660,
            "plays": True,
            "cover": False,
        }
    ],
    "video": {
        "index": 0,
        "codec": "h264",
        "width": 1920,
        "height": 1080,
        "crop": [0, 0, 0, 0],
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
        "dolby_vision": None,
        "turns_told": 0,
        "colours_from": ["stream", "stream", "stream", "stream"],
        "stream_colours": [1, 1, 1, 1],
        "container_colours": [2, 2, 2, 0],
        "lost": 0.0,
        "delay": 0.0,
        "begins_again": None,
        "start": None,
        "changes": [],
    },
}

# What it says of an edit made of it, and of the light edit.
EDIT: dict[str, Any] = {
    **GOOD_CLIP,
    "audio_streams": 0,
    "tags": ["major_brand", "compatible_brands", "minor_version"],
    "video": {**GOOD_CLIP["video"], "width": 1280, "height": 720, "frames": 810, "seconds": 27.0},
}
LIGHT: dict[str, Any] = {**EDIT, "video": {**EDIT["video"], "width": 640, "height": 360}}


def started(seconds: float) -> dict[str, Any]:
    """Say which picture a clip of 30 pictures a second shows at a second, and that FFmpeg can seek to it."""
    picture = min(int(seconds * 30 + 0.03), 659)
    sought = picture > 30
    seek, before = ([picture - 30, 30], 1) if sought else (None, picture)
    return {"at": [picture, 30], "time": [picture, 30], "seek": seek, "before": [before, 30]}


@dataclass
class FakeProber:
    """Says of each clip what a test wants it to say; by default, that it is a good one."""

    facts: dict[str, Any] = field(default_factory=lambda: deepcopy(GOOD_CLIP))
    unreadable: bool = False
    seen: list[Path] = field(default_factory=list)
    # Each file counts as a clip by its first bytes, unless a test asks what the real prober asks.
    opens: Callable[[bytes], bool] = lambda _: True
    prepared: int = 0

    def prepare(self) -> None:
        self.prepared += 1

    def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
        self.seen.append(path)
        if self.unreadable:
            raise Unreadable("no video")
        facts = deepcopy(self.facts)
        if start and "frames" in (facts["video"] or {}):
            facts["video"]["start"] = started(start)
        return facts


@dataclass
class SteadyClock:
    """Shows the real time, or the time at which a test stopped it, plus the time that a test adds."""

    ahead: timedelta = timedelta()
    stopped: datetime | None = None

    def now(self) -> datetime:
        return (self.stopped or datetime.now(UTC)) + self.ahead

    def stop(self) -> None:
        self.stopped = datetime.now(UTC)


@dataclass
class FakeCounters:
    """Counts in memory, by a clock that a test moves."""

    clock: SteadyClock = field(default_factory=SteadyClock)
    counted: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def hit(self, key: str, seconds: int) -> Count:
        hits, end = self.counted.get(key, (0, self.clock.now()))
        fresh = end > self.clock.now()
        self.counted[key] = (hits + 1, end) if fresh else (1, self.clock.now() + timedelta(seconds=seconds))
        return self.look(key)

    def hit_each(self, windows: Sequence[RateWindow]) -> list[Count]:
        if not windows:
            return []
        count = self.hit(windows[0].key, windows[0].seconds)
        return [count, *(self.hit_each(windows[1:]) if count.hits <= windows[0].most else [])]

    def look(self, key: str) -> Count:
        hits, end = self.counted.get(key, (0, self.clock.now()))
        left = (end - self.clock.now()).total_seconds()
        return Count(hits if left > 0 else 0, max(ceil(left), 1))


class PlainPasswords:
    """A hash that costs nothing."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def is_outdated(self, hashed: str) -> bool:
        return not hashed.startswith("plain:")

    def matches(self, hashed: str | None, password: str) -> bool:
        return hashed == f"plain:{password}"


@dataclass
class FakeEncoder:
    """Writes files of some bytes where FFmpeg would, in a few steps of progress.

    Like FFmpeg in its cell it runs as another user, and overwrites none of our files.
    """

    runs: list[list[str]] = field(default_factory=list)
    made: set[Path] = field(default_factory=set)
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
            if path.exists() and path not in self.made:
                raise EncodingFailed(f"Error opening output file {path}: Permission denied")
            if content is not None:
                path.write_bytes(content)
                self.made.add(path)
