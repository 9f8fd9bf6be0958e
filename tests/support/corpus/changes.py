"""Accepted clips of the corpus whose pictures change on the way: their rotation, their colours, their scan."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from support.corpus.cases import WHOLE, Accepted
from support.corpus.colour_cases import HLG, NTSC, TEN
from support.corpus.colours import ColourTags
from support.corpus.joins import Joint
from support.corpus.source import AV1, H264, HEVC_PLAIN, VP8, VP9, ClipSource

SMALL: dict[str, float] = {"clip_min_side": 300}  # these tests do not depend on the size; small pictures are quick
SMALLER: dict[str, float] = {**WHOLE, **SMALL}
WIDE: dict[str, Any] = {"width": 640, "height": 360}
UPRIGHT: dict[str, Any] = {"width": 360, "height": 640}
FRAMES = 20  # of each part

AVC1: dict[str, Any] = {"coded": H264, "muxed": ("-video_track_timescale", "15360")}
AVC3: dict[str, Any] = {"coded": (*H264, "-bsf:v", "dump_extra"), "muxed": ("-tag:v", "avc3")}
HEV1: dict[str, Any] = {"coded": (*HEVC_PLAIN, "-bsf:v", "dump_extra"), "muxed": ("-tag:v", "hev1")}
WEBM8: dict[str, Any] = {"coded": VP8, "container": "webm", "look": ColourTags("bt470bg")}  # VP8 knows no other matrix
WEBM9: dict[str, Any] = {"coded": VP9, "container": "webm"}
WEBM_AV1: dict[str, Any] = {"coded": AV1, "container": "webm"}
LIVE: dict[str, Any] = {"coded": (*H264, "-bsf:v", "dump_extra"), "container": "mkv"}


def joined(form: dict[str, Any], *parts: dict[str, Any], joint: Joint = "stream") -> ClipSource:
    """Return a clip of parts, one after another in one track."""
    made: ClipSource | None = None
    for number, part in reversed([*enumerate(parts)]):
        settings = WIDE | {"frames": FRAMES, "first": number * FRAMES} | form | part
        made = replace(ClipSource(**settings), then=made, joint=joint)
    assert made is not None
    return made


def _changed(
    name: str, form: dict[str, Any], *parts: dict[str, Any], joint: Joint = "stream", rate: int = 30
) -> Accepted:
    return Accepted(name=name, source=joined(form, *parts, joint=joint), limits=SMALLER, rate=rate)


_FORMS: dict[str, tuple[dict[str, Any], Joint]] = {
    "VP8 in WebM": (WEBM8, "stream"),
    "VP9 in WebM": (WEBM9, "stream"),
    "AV1 in WebM": (WEBM_AV1, "stream"),
    "H.264 in Matroska": (LIVE, "stream"),
    "H.264, parameters in the pictures (avc3)": (AVC3, "stream"),
    "HEVC, parameters in the pictures (hev1)": (HEV1, "stream"),
    "H.264, two sample entries": (AVC1, "entries"),
}
TURNED = [
    case
    for name, (form, joint) in _FORMS.items()
    for case in (
        _changed(f"turned upright midway: {name}", form, WIDE, UPRIGHT, joint=joint),
        _changed(f"turned flat midway: {name}", form, UPRIGHT, WIDE, joint=joint),
    )
]
TURNED += [
    _changed("turned there and back: VP8 in WebM", WEBM8, WIDE, UPRIGHT, WIDE),
    _changed("turned there and back: VP9 in WebM", WEBM9, UPRIGHT, WIDE, UPRIGHT),
    _changed("turned there and back: H.264 (avc3)", AVC3, WIDE, UPRIGHT, WIDE),
    _changed("turned, and of another size and odd: VP8 in WebM", WEBM8, WIDE, {"width": 361, "height": 641}),
]

_601: dict[str, Any] = {"look": NTSC}
_FULL: dict[str, Any] = {"look": ColourTags(range="pc")}
_MATRIX_601: dict[str, Any] = {"look": ColourTags("smpte170m")}
_HDR: dict[str, Any] = {"look": HLG, "pixels": TEN}
_709: dict[str, Any] = {"look": ColourTags()}
RECOLOURED = [
    _changed("BT.601, then BT.709: H.264", AVC3, _601, _709),
    _changed("BT.709, then BT.601: H.264", AVC3, _709, _601),
    # VP9 gives its matrix and its range; the container gives the rest, once for all parts.
    _changed("matrix of BT.601, then BT.709: VP9", WEBM9, _MATRIX_601, _709),
    _changed("full range, then limited: H.264", AVC3, _FULL, _709),
    _changed("limited range, then full: VP9", WEBM9, _709, _FULL),
    _changed("full range, then limited: AV1", WEBM_AV1, _FULL, _709),
    _changed("HLG, then standard range: HEVC", HEV1, _HDR, {**_709, "pixels": TEN}),
    _changed("standard range of 8 bits, then HLG: HEVC", HEV1, _709, _HDR),
    _changed("matrix of BT.601, then full range, turned: VP9", WEBM9, _MATRIX_601, _FULL | UPRIGHT),
]

_WOVEN = (*H264, "-bsf:v", "dump_extra", "-flags", "+ildct+ilme", "-x264-params", "tff=1")
_FLAT: dict[str, Any] = {"fields": None}
_FIELDS: dict[str, Any] = {"fields": "top", "coded": _WOVEN}
_TALL: dict[str, Any] = {"width": 960, "height": 540, "grid": Fraction(25)}
RESCANNED = [
    _changed("progressive, then interlaced", LIVE | _TALL, _FLAT, _FIELDS, rate=25),
    _changed("interlaced, then progressive", LIVE | _TALL, _FIELDS, _FLAT, rate=25),
    _changed("progressive, then interlaced, then progressive", LIVE | _TALL, _FLAT, _FIELDS, _FLAT, rate=25),
]
