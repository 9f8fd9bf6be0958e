"""What a clip holds, as people would see it: the prober's facts read once, into one frozen value."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from anb.errors import Refusal
from anb.ports import CutShort, Prober, Unreadable

HDR_TRANSFERS = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
# 1080p at 60 frames a second has 124 million. What has more, or HDR, takes two to three times as long (decision 0013).
HEAVY_PIXELS_A_SECOND = 150_000_000


class NotAVideo(Refusal):
    """Nothing in the file can be opened as a video."""

    code = "not-a-video"
    es = "No encontramos un video en este archivo. Sube un MP4, MOV o WebM, tal como lo graba tu celular."
    en = "We found no video in this file. Upload an MP4, MOV or WebM, just as your phone records it."


class CutOff(Refusal):
    """A part of the file is missing."""

    code = "clip-cut-off"
    es = "Tu archivo está cortado: le falta una parte del video. Expórtalo o cópialo de nuevo y vuelve a subirlo."
    en = "Your file is cut off: a part of the video is missing. Export or copy it again, then upload it again."


@dataclass(frozen=True)
class Probe:
    """A file's facts. Of a codec we do not decode only the name is known; of a file without pictures not even that."""

    container: str  # mp4, mov, webm or mkv
    demuxer: str  # the one FFmpeg must be held to
    bytes: int
    moov_first: bool | None  # only MP4 and MOV have one
    audio_streams: int
    other_streams: int  # subtitles, data, cover pictures, further videos
    tags: tuple[str, ...]  # names of the container's metadata
    index: int = 0  # of the video among all streams
    codec: str | None = None
    whole: bool = True  # whether all that the index promises is there
    duration: float = 0.0  # seconds of pictures, by their own times
    frames: int = 0
    rate: Fraction = Fraction(0)  # frames per second as they usually follow each other
    average_rate: Fraction = Fraction(0)  # lower than `rate` where a phone skipped frames in the dark
    coded_width: int = 0
    coded_height: int = 0
    sar: Fraction = Fraction(1)  # how wide a pixel is to its height
    rotation: int = 0  # clockwise degrees to turn it by, before mirroring
    mirrored: bool = False  # left to right
    pixels: str = ""  # FFmpeg's name of the pixel format
    bits: int = 8
    field_order: str = "progressive"
    primaries: str | None = None  # FFmpeg's names; None where the file does not say
    transfer: str | None = None
    matrix: str | None = None
    range: str | None = None
    peak_nits: float | None = None  # brightest light of an HDR master, where it says so

    @property
    def width(self) -> int:
        """Pixels across as people see it: square, and turned."""
        return self._seen()[0]

    @property
    def height(self) -> int:
        """Pixels down as people see it."""
        return self._seen()[1]

    @property
    def hdr(self) -> str | None:
        """PQ or HLG, or None for a picture of standard range."""
        return HDR_TRANSFERS.get(self.transfer or "")

    @property
    def heavy(self) -> bool:
        """Whether its edit takes much longer than that of an ordinary clip: 4K, HDR, or many frames a second."""
        return self.hdr is not None or self.coded_width * self.coded_height * self.rate > HEAVY_PIXELS_A_SECOND

    @property
    def interlaced(self) -> bool:
        """Whether each frame holds two moments."""
        return self.field_order in {"top", "bottom"}

    def _seen(self) -> tuple[int, int]:
        across, down = round(self.coded_width * self.sar), self.coded_height
        return (across, down) if self.rotation in {0, 180} else (down, across)


def examine(prober: Prober, path: Path) -> Probe:
    """Look into a file. Raises NotAVideo, CutOff, or Outage."""
    try:
        return read(prober.probe(path))
    except CutShort as short:
        raise CutOff from short
    except Unreadable as unreadable:
        raise NotAVideo from unreadable


def extension(probe: Probe) -> str:
    """Return the file name extension that says what is inside."""
    return probe.container


def read(facts: Mapping[str, object]) -> Probe:
    """Read the prober's facts."""
    plain = cast("Mapping[str, Any]", facts)
    whole = {name: plain[name] for name in ("container", "demuxer", "bytes", "moov_first")}
    streams = {name: plain[name] for name in ("audio_streams", "other_streams")}
    video = _video(plain["video"]) if plain["video"] else {}
    return Probe(**whole, **streams, tags=tuple(plain["tags"]), **video)


def _video(facts: Mapping[str, Any]) -> dict[str, Any]:
    known = {"index": facts["index"], "codec": facts["codec"]}
    if "frames" not in facts:
        return known
    rotation, mirrored = _turn(facts["display_matrix"])
    same = ("whole", "frames", "pixels", "bits", "primaries", "transfer", "matrix", "range", "peak_nits")
    return (
        known
        | {name: facts[name] for name in same}
        | {
            "duration": float(facts["seconds"]),
            "rate": Fraction(*facts["usual_rate"]),
            "average_rate": Fraction(*facts["average_rate"]),
            "coded_width": facts["width"],
            "coded_height": facts["height"],
            "sar": Fraction(*facts["sar"]),
            "rotation": rotation,
            "mirrored": mirrored,
            "field_order": "top" if facts["interlaced"] and facts["field_order"] != "bottom" else facts["field_order"],
        }
    )


def _turn(matrix: list[int] | None) -> tuple[int, bool]:
    """Read a display matrix (x' = ax + cy, y' = bx + dy) as a clockwise turn by right angles, then a mirroring."""
    if matrix is None:
        return 0, False
    a, b, _, c, d, *_ = matrix
    mirrored = a * d - b * c < 0
    angle = math.degrees(math.atan2(b, -a if mirrored else a))
    return round(angle / 90) * 90 % 360, mirrored
