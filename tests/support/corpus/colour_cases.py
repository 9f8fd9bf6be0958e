"""Accepted corpus clips: codecs, and how their numbers encode colours."""

from fractions import Fraction
from typing import Any

from support.corpus.cases import Accepted
from support.corpus.colours import ColourTags
from support.corpus.elements import DolbyVision
from support.corpus.moov_edits import Turned, dolby_vision
from support.corpus.source import AV1, H264, HEVC, HEVC_PLAIN, VP8, VP9, ClipSource

HLG = ColourTags("bt2020nc", "arib-std-b67", "bt2020")
PQ = ColourTags("bt2020nc", "smpte2084", "bt2020")
P3 = ColourTags(primaries="smpte432")
NTSC = ColourTags("smpte170m", "smpte170m", "smpte170m")
PAL = ColourTags("bt470bg", "smpte170m", "bt470bg")
TEN = "yuv420p10le"
_MASTER = (
    "log-level=none:hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({nits}0000,50)"
    ":max-cll={nits},400"
)


def _hevc(name: str, *, daily: bool = False, **other: Any) -> Accepted:
    return Accepted(name=name, source=ClipSource(**{"coded": HEVC_PLAIN, **other}), daily=daily)


CODECS = [
    Accepted(
        name="H.264 baseline",
        source=ClipSource(coded=("-c:v", "libx264", "-profile:v", "baseline", "-preset", "veryfast", "-crf", "12")),
    ),
    Accepted(
        name="H.264 high, with B-frames",
        source=ClipSource(coded=("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-bf", "3"), container="mov"),
    ),
    _hevc("HEVC 8 bit", container="mov"),
    _hevc("HEVC, parameters in the pictures", coded=(*HEVC_PLAIN, "-tag:v", "hev1")),
    Accepted(name="H.264, parameters in the pictures", source=ClipSource(coded=(*H264, "-tag:v", "avc3"))),
    Accepted(name="H.264 10 bit", source=ClipSource(pixels=TEN)),
    _hevc("HEVC 10 bit", pixels=TEN),
    # VP8 has only this matrix.
    Accepted(name="VP8", source=ClipSource(coded=VP8, container="webm", look=ColourTags("bt470bg"))),
    Accepted(name="VP9", source=ClipSource(coded=VP9, container="webm")),
    Accepted(name="VP9 in MP4", source=ClipSource(coded=VP9)),
    Accepted(name="AV1", source=ClipSource(coded=AV1)),
    Accepted(name="AV1 in WebM", source=ClipSource(coded=AV1, container="webm")),
    Accepted(name="AV1 10 bit", source=ClipSource(coded=AV1, pixels=TEN)),
]

COLOURS = [
    Accepted(name="BT.601 of 525 lines", source=ClipSource(look=NTSC)),
    Accepted(name="BT.601 of 625 lines", source=ClipSource(look=PAL)),
    Accepted(name="BT.601 matrix, BT.709 colours", source=ClipSource(look=ColourTags("smpte170m"))),
    Accepted(
        name="BT.601 matrix, no word of the rest", source=ClipSource(look=ColourTags("smpte170m", tagged=("matrix",)))
    ),
    Accepted(name="full range, no word of the rest", source=ClipSource(look=ColourTags(range="pc", tagged=("range",)))),
    Accepted(name="BT.601, VP9", source=ClipSource(look=NTSC, coded=VP9, container="webm")),
    Accepted(name="full range", source=ClipSource(look=ColourTags(range="pc"))),
    Accepted(name="full range of BT.601", source=ClipSource(look=ColourTags("bt470bg", range="pc"))),
    _hevc("full range, HEVC 10 bit", pixels=TEN, look=ColourTags(range="pc")),
    Accepted(name="untagged", source=ClipSource(look=ColourTags(tagged=()))),
    Accepted(name="untagged, VP9", source=ClipSource(look=ColourTags(tagged=()), coded=VP9, container="webm")),
    _hevc("Display P3", look=P3, container="mov"),
    _hevc("Display P3, 10 bit", look=P3, pixels=TEN),
    Accepted(name="sRGB's curve", source=ClipSource(look=ColourTags(transfer="iec61966-2-1"))),
    _hevc("BT.2020 of standard range", look=ColourTags("bt2020nc", "bt2020-10", "bt2020"), pixels=TEN),
]

HDR = [
    _hevc("HLG", look=HLG, pixels=TEN, container="mov"),
    _hevc("HLG, turned, Dolby Vision 8.4", look=HLG, pixels=TEN, turned=Turned(90), changes=(dolby_vision(),)),
    _hevc("HLG, Dolby Vision 8.4 in Matroska", look=HLG, pixels=TEN, container="mkv", elements=(DolbyVision(8, 4),)),
    _hevc("HLG, full range", look=ColourTags("bt2020nc", "arib-std-b67", "bt2020", "pc"), pixels=TEN),
    _hevc("HLG, 4:2:2", look=HLG, pixels="yuv422p10le"),
    _hevc("HLG, 4K60", look=HLG, pixels=TEN, width=3840, height=2160, frames=100, grid=Fraction(60)),
    Accepted(name="HLG, VP9", source=ClipSource(look=HLG, pixels=TEN, coded=VP9, container="webm")),
    Accepted(name="HLG, AV1", source=ClipSource(look=HLG, pixels=TEN, coded=AV1)),
    _hevc("PQ", look=PQ, pixels=TEN),
    _hevc("PQ, HDR10 mastered at 1000", look=PQ, pixels=TEN, coded=(*HEVC, _MASTER.format(nits=1000))),
    _hevc("PQ, HDR10 mastered at 4000", look=PQ, pixels=TEN, coded=(*HEVC, _MASTER.format(nits=4000))),
    Accepted(name="PQ, AV1, portrait", source=ClipSource(look=PQ, pixels=TEN, coded=AV1, width=1080, height=1920)),
]

CHROMA = [
    Accepted(name="4:2:2", source=ClipSource(pixels="yuv422p")),
    Accepted(name="4:2:2, 10 bit", source=ClipSource(pixels="yuv422p10le", container="mov"), daily=True),
    Accepted(name="4:4:4", source=ClipSource(pixels="yuv444p")),
    _hevc("4:4:4, 10 bit", pixels="yuv444p10le"),
    Accepted(name="4:4:4, VP9", source=ClipSource(pixels="yuv444p", coded=VP9, container="webm")),
    _hevc("RGB", pixels="gbrp", look=ColourTags("gbr", range="pc")),
]

_INTERLACED = (*H264, "-flags", "+ildct+ilme", "-x264-params")
INTERLACED = [
    Accepted(
        name="1080i50, upper field first",
        source=ClipSource(grid=Fraction(25), frames=50, fields="top", coded=(*_INTERLACED, "tff=1")),
        rate=25,
        daily=True,
    ),
    Accepted(
        name="1080i59.94, lower field first",
        source=ClipSource(grid=Fraction(30000, 1001), fields="bottom", coded=(*_INTERLACED, "bff=1")),
    ),
]
