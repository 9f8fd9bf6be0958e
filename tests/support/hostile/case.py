"""What each hostile file is made from: the bait that it may try to reach, and clips to build it on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from support.clips import Clip, draw

SMALL = Clip(seconds=1, width=320, height=180)


@dataclass(frozen=True)
class Bait:
    """What a hostile file would like to reach: another player's clip, and a server it could contact."""

    decoy: Path
    url: str


Maker = Callable[[Path, Bait], None]
Cases = Mapping[str, Maker]


def mp4() -> bytes:
    """Return a good MP4 whose index comes last, so that it can grow without moving the pictures."""
    return draw(SMALL).read_bytes()


def ready_mp4() -> bytes:
    """Return a good MP4 whose index comes first."""
    return draw(replace(SMALL, moov_first=True)).read_bytes()


def live_mp4() -> bytes:
    """Return a good MP4 in fragments."""
    return draw(replace(SMALL, live=True)).read_bytes()


def webm() -> bytes:
    """Return a good WebM."""
    return draw(replace(SMALL, container="webm", codec="vp9")).read_bytes()


def mkv() -> bytes:
    """Return a good Matroska file."""
    return draw(replace(SMALL, container="mkv")).read_bytes()


def holding(make: Callable[[], bytes]) -> Maker:
    """Return the maker of a file that holds some bytes and ignores the bait."""
    return lambda path, _bait: _write(path, make())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
