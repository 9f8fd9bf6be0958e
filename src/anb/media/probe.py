"""The facts of a clip as people would see it: the prober's answer, read once into one frozen value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from anb.media.start import Start
from anb.media.unreadable import why
from anb.ports import Prober, Unreadable

HDR_TRANSFERS = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
# 1080p at 60 frames a second has 124 million. A clip with more, or HDR, takes two to three times as long (decision
# 0013).
HEAVY_PIXELS_A_SECOND = 150_000_000


@dataclass(frozen=True)
class ColoursTold:
    """The source of a picture's primaries, transfer, matrix and range; the numbers are those of ITU-T H.273."""

    source: tuple[str | None, ...] = (None,) * 4  # `stream`, `container`, `either`, or None
    stream: tuple[int, ...] = (2, 2, 2, 0)
    container: tuple[int, ...] = (2, 2, 2, 0)


@dataclass(frozen=True)
class Track:
    """What the container says of one track."""

    index: int
    kind: str  # video, audio, subtitle, data
    codec: str
    width: int = 0
    height: int = 0
    frames: int = 0  # 0 where the container does not count them
    plays: bool = True  # by default
    cover: bool = False  # a still picture for the whole file


@dataclass(frozen=True, kw_only=True)
class FrameFormat:
    """The format of pictures: size, rotation, scan and colours. It may change within a clip."""

    coded_width: int = 0  # as decoded
    coded_height: int = 0
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)  # pixels that the container hides: left, top, right, bottom
    sar: Fraction = Fraction(1)  # a pixel's width relative to its height
    rotation: int = 0  # degrees to turn it clockwise, before mirroring
    mirrored: bool = False  # left to right
    pixels: str = ""  # FFmpeg's name of the pixel format
    bits: int = 8
    interlaced: bool = False  # whether the probed frame holds two moments
    primaries: str | None = None  # FFmpeg's names; None where neither the stream nor the container names one
    transfer: str | None = None
    matrix: str | None = None
    range: str | None = None
    peak_nits: float | None = None  # brightest light of an HDR master, if given
    told: ColoursTold = ColoursTold()

    @property
    def width(self) -> int:
        """Pixels across as people see it: without hidden pixels, square, and turned."""
        return self._seen()[0]

    @property
    def height(self) -> int:
        """Pixels down as people see it."""
        return self._seen()[1]

    @property
    def shown(self) -> tuple[int, int]:
        """Pixels across and down that are not hidden, as stored."""
        left, top, right, bottom = self.crop
        return self.coded_width - left - right, self.coded_height - top - bottom

    @property
    def hdr(self) -> str | None:
        """PQ or HLG, or None for a picture of standard range."""
        return HDR_TRANSFERS.get(self.transfer or "")

    def _seen(self) -> tuple[int, int]:
        width, down = self.shown
        across = round(width * self.sar)
        return (across, down) if self.rotation in {0, 180} else (down, across)


@dataclass(frozen=True)
class FormatChange:
    """A change of the pictures' format within a clip."""

    at: Fraction  # seconds after the first picture
    format: FrameFormat


@dataclass(frozen=True, kw_only=True)
class Probe(FrameFormat):
    """A file's facts. For a codec we do not decode only its name is known; without pictures it is None."""

    container: str  # mp4, mov, webm or mkv
    demuxer: str  # the one that FFmpeg must use
    bytes: int
    moov_first: bool | None  # only MP4 and MOV have one
    audio_streams: int
    other_streams: int  # subtitles, data, cover pictures, further videos
    tags: tuple[str, ...]  # names of the container's metadata
    ignore_edit_list: bool = False  # it means all samples, and FFmpeg reads it as none
    tracks: tuple[Track, ...] = ()
    index: int = 0  # of the video among all streams
    codec: str | None = None
    dolby_vision: tuple[int, int] | None = None  # its profile, and which other decoder can show it: 0 is none
    whole: bool = True  # whether everything that the index names is there
    duration: float = 0.0  # seconds of pictures, by their own times, from the first that can be decoded
    lost: float = 0.0  # seconds before the first that can be decoded
    delay: float = 0.0  # seconds between decoding and showing the first one
    begins_again: float | None = None  # the second at which another recording begins, appended to the first
    frames: int = 0
    rate: Fraction = Fraction(0)  # frames per second at their usual spacing
    average_rate: Fraction = Fraction(0)  # lower than `rate` where a phone skipped frames in the dark
    field_order: str = "progressive"  # as in the container
    turns_told: int = 0  # how many rotations the file declares: in the container, and in the stream
    changes: tuple[FormatChange, ...] = ()
    start: Start | None = None
    passed: tuple[FrameFormat, ...] = ()  # formats of pictures before the start, which are decoded but not shown

    @property
    def formats(self) -> tuple[FrameFormat, ...]:
        """The formats of its pictures, in order."""
        return (self, *(change.format for change in self.changes))

    @property
    def heavy(self) -> bool:
        """Whether its edit takes much longer than that of an ordinary clip: 4K, HDR, or many frames a second."""
        most = max(each.coded_width * each.coded_height for each in self.formats)
        return any(each.hdr for each in self.formats) or most * self.rate > HEAVY_PIXELS_A_SECOND


def examine(prober: Prober, path: Path, start: float = 0) -> Probe:
    """Probe a file, for an edit that starts `start` seconds after its first picture.

    Raises NotAVideo or one of its kinds, CutOff, or Outage.
    """
    try:
        return read(prober.probe(path, start), start)
    except Unreadable as unreadable:
        raise why(unreadable) from unreadable


def extension(probe: Probe) -> str:
    """Return the file name extension for the container."""
    return probe.container


def read(facts: Mapping[str, object], start: float = 0) -> Probe:
    """Read the prober's facts, for an edit that starts `start` seconds after the first picture."""
    plain = cast("Mapping[str, Any]", facts)
    names = ("container", "demuxer", "bytes", "moov_first", "audio_streams", "other_streams", "ignore_edit_list")
    video = _video(plain["video"], start) if plain["video"] else {}
    tracks = tuple(Track(**track) for track in plain["tracks"])
    return Probe(**{name: plain[name] for name in names}, tags=tuple(plain["tags"]), tracks=tracks, **video)


def _video(facts: Mapping[str, Any], start: float) -> dict[str, Any]:
    known = {"index": facts["index"], "codec": facts["codec"]}
    if "frames" not in facts:
        return known
    same = ("whole", "frames", "lost", "delay", "begins_again", "field_order", "turns_told")
    sar = Fraction(*facts["sar"])
    return (
        known
        | {name: facts[name] for name in same}
        | _format(facts, sar)
        | {
            "dolby_vision": facts["dolby_vision"] and tuple(facts["dolby_vision"]),
            "duration": float(facts["seconds"]),
            "rate": Fraction(*facts["usual_rate"]),
            "average_rate": Fraction(*facts["average_rate"]),
            "start": Start.read(facts["start"], start) if facts["start"] else None,
            "changes": tuple(
                FormatChange(Fraction(*change["at"]), FrameFormat(**_format(change, sar)))
                for change in facts["changes"]
            ),
        }
    )


def _format(facts: Mapping[str, Any], sar: Fraction) -> dict[str, Any]:
    rotation, mirrored = _turn(facts["display_matrix"])
    same = ("pixels", "bits", "interlaced", "primaries", "transfer", "matrix", "range", "peak_nits")
    size = {"coded_width": facts["width"], "coded_height": facts["height"], "crop": tuple(facts["crop"])}
    turn = {"sar": sar, "rotation": rotation, "mirrored": mirrored}
    told = ColoursTold(*(tuple(facts[name]) for name in ("colours_from", "stream_colours", "container_colours")))
    return {name: facts[name] for name in same} | size | turn | {"told": told}


def _turn(matrix: list[int] | None) -> tuple[int, bool]:
    """Read a display matrix (x' = ax + cy, y' = bx + dy) as a clockwise turn by right angles, then a mirroring."""
    if matrix is None:
        return 0, False
    a, b, _, c, d, *_ = matrix
    mirrored = a * d - b * c < 0
    angle = math.degrees(math.atan2(b, -a if mirrored else a))
    return round(angle / 90) * 90 % 360, mirrored
