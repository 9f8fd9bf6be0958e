"""Accepted corpus clips of rarer kinds: fields that are pictures, crops in the headers, three sample entries."""

from fractions import Fraction
from typing import Any

from support.corpus.cases import Accepted
from support.corpus.changes import AVC1, AVC3, FRAMES, HEV1, SMALLER, UPRIGHT, WIDE, joined
from support.corpus.fields import CLOCK, PAFF, PAFF_APART
from support.corpus.joins import Joint
from support.corpus.moov_edits import Late, Turned, Without
from support.corpus.source import H264, HEVC_PLAIN, ClipSource


def _rare(name: str, *, rate: int = 30, parts: tuple[range, ...] = (), daily: bool = False, **other: Any) -> Accepted:
    source = ClipSource(**(WIDE | {"frames": 2 * FRAMES} | other))
    return Accepted(name=name, source=source, rate=rate, parts=parts, limits=SMALLER, daily=daily)


def _midway(
    name: str, form: dict[str, Any], *parts: dict[str, Any], joint: Joint = "stream", rate: int = 30
) -> Accepted:
    return Accepted(name=name, source=joined(form, *parts, joint=joint), rate=rate, limits=SMALLER)


_PAFF: dict[str, Any] = {"coded": PAFF, "grid": Fraction(25), "muxed": CLOCK}
_FLAT: dict[str, Any] = {"fields": None}
_TOP: dict[str, Any] = {"fields": "top"}
FIELDS = [
    _rare("each field a picture (PAFF), upper field first", **_PAFF, **_TOP, rate=25, daily=True),
    _rare("each field a picture (PAFF), lower field first", **_PAFF, fields="bottom", rate=25),
    _rare("each field a picture and a sample", **_PAFF | {"coded": PAFF_APART}, **_TOP, rate=25),
    _midway("PAFF: frames, then fields, by the same headers", _PAFF, _FLAT, _TOP, rate=25),
    _midway("PAFF: fields, then frames, by the same headers", _PAFF, _TOP, _FLAT, rate=25),
]

SPOKEN = [
    _rare("turned 90 by HEVC alone", coded=HEVC_PLAIN, turned=Turned(90, by_stream=True), spoken=90),
    _rare("turned 180 by HEVC alone", coded=HEVC_PLAIN, turned=Turned(180, by_stream=True), spoken=180),
    _rare("turned 270 by HEVC alone", coded=HEVC_PLAIN, turned=Turned(270, by_stream=True), spoken=270),
    _rare("turned 90 once, though told twice: HEVC", coded=HEVC_PLAIN, turned=Turned(90), spoken=90),
]


def _hides(coded: tuple[str, ...], codec: str, *after: str, **sides: int) -> tuple[str, ...]:
    said = ":".join(f"crop_{side}={pixels}" for side, pixels in sides.items())
    return (*coded, "-bsf:v", ",".join([f"{codec}_metadata={said}", *after]))


_SIDES = {"left": 24, "top": 8, "right": 16, "bottom": 8}
_INNER: dict[str, Any] = {"width": 600, "height": 352, "hidden": tuple(_SIDES.values())}
_NARROW: dict[str, Any] = {"width": 480, "hidden": (88, 0, 72, 0)}
_NARROW_AVC: dict[str, Any] = _NARROW | {"coded": _hides(H264, "h264", "dump_extra", left=88, right=72)}
_NARROW_AVC1: dict[str, Any] = _NARROW | {"coded": _hides(H264, "h264", left=88, right=72)}
_NARROW_HEVC: dict[str, Any] = _NARROW | {"coded": _hides(HEVC_PLAIN, "hevc", "dump_extra", left=88, right=72)}
CROPPED = [
    _rare("the headers hide a rim, H.264", **_INNER, coded=_hides(H264, "h264", **_SIDES), daily=True),
    _rare("the headers hide a rim, HEVC", **_INNER, coded=_hides(HEVC_PLAIN, "hevc", **_SIDES)),
    _midway("more is hidden midway: H.264 (avc3)", AVC3, WIDE, _NARROW_AVC),
    _midway("less is hidden midway: H.264 (avc3)", AVC3, _NARROW_AVC, WIDE),
    _midway("more is hidden midway: HEVC (hev1)", HEV1, WIDE, _NARROW_HEVC),
    _midway("more is hidden in the second of two sample entries", AVC1, WIDE, _NARROW_AVC1, joint="entries"),
]

_UNLISTED = Without(b"edts")
_ALL_BUT_ONE: dict[str, Any] = {"parts": (range(2 * FRAMES - 1),)}
LATE = [
    _rare("every picture late by 2^31 ticks", changes=(Late(1 << 31, 2 * FRAMES), _UNLISTED)),
    _rare("every picture late by 2^31 ticks but 16", changes=(Late((1 << 31) - 16, 2 * FRAMES), _UNLISTED)),
    _rare("the last picture late by 2^31 ticks: without it", changes=(Late(1 << 31, 1),), **_ALL_BUT_ONE),
    _rare("the last picture late by 2^31 ticks, no edit list", changes=(Late(1 << 31, 1), _UNLISTED), **_ALL_BUT_ONE),
]

_NEARLY_SQUARE: dict[str, Any] = {"width": 480, "height": 400}
ENTRIES = [
    _midway("three sample entries, each of another shape", AVC1, WIDE, UPRIGHT, _NEARLY_SQUARE, joint="entries"),
    _midway("three sample entries, the last as the first", AVC1, UPRIGHT, WIDE, UPRIGHT, joint="entries"),
]
