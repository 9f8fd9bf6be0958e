"""Accepted corpus clips as rare phones and browsers write them: odd sizes, codes, crops, tracks, rates."""

from fractions import Fraction
from typing import Any

from support.corpus.cases import Accepted
from support.corpus.changes import FRAMES, SMALLER, WIDE
from support.corpus.colour_cases import HLG, NTSC, PAL, TEN
from support.corpus.colours import ColourTags
from support.corpus.elements import PixelCrop
from support.corpus.moov_edits import EditList, Reversed, Turned, Without, clean_aperture, colours
from support.corpus.source import AV1, H264, HEVC_PLAIN, VP8, VP9, ClipSource

_WEBM: dict[str, Any] = {"coded": VP9, "container": "webm"}
_HEVC: dict[str, Any] = {"coded": HEVC_PLAIN}
_SILENT: tuple[str, ...] = ()  # the stream gives no colour


def _small(name: str, *, rate: int = 30, parts: tuple[range, ...] = (), **other: Any) -> Accepted:
    source = ClipSource(**(WIDE | {"frames": 2 * FRAMES} | other))
    return Accepted(name=name, source=source, rate=rate, parts=parts, limits=SMALLER)


_ODD: dict[str, Any] = {"width": 641, "height": 363}
ODD = [
    _small("odd: VP8, always BT.601", **_ODD, coded=VP8, container="webm", look=ColourTags("bt470bg")),
    _small("odd: VP9, full range", **_ODD, **_WEBM, look=ColourTags(range="pc")),
    _small("odd: VP9, BT.601", **_ODD, **_WEBM, look=NTSC),
    _small("odd: AV1, BT.601", **_ODD, coded=AV1, look=PAL),
    _small(
        "odd: AV1, full range of BT.601, turned",
        **_ODD,
        coded=AV1,
        look=ColourTags("bt470bg", range="pc"),
        turned=Turned(90),
    ),
    _small("odd: VP9, HLG", **_ODD, **_WEBM, look=HLG, pixels=TEN),
    _small("odd: H.264 4:4:4, full range", **_ODD, pixels="yuv444p", look=ColourTags(range="pc")),
]


_LARGE: dict[str, Any] = {"width": 1152, "height": 648}  # without a matrix, small pictures would be BT.601


def _matrix(number: int) -> Accepted:
    meant = {0: "RGB over YUV", 3: "reserved", 8: "YCgCo"}.get(number, "nobody converts it")
    coded = (*H264, "-bsf:v:0", f"h264_metadata=matrix_coefficients={number}")
    return _small(f"matrix {number}: {meant}", coded=coded, **_LARGE)


UNMARKED = [
    _small("no table of keyframes: HEVC with B-frames", **_HEVC, changes=(Without(b"stss"),)),
    _small("no table of keyframes: H.264 with B-frames", coded=(*H264, "-bf", "2"), changes=(Without(b"stss"),)),
]
_UNKNOWN_HLG = (*HEVC_PLAIN, "-bsf:v:0", "hevc_metadata=matrix_coefficients=3")
MATRICES = [
    *(_matrix(number) for number in (0, 3, 8, 11, 12, 13, 14, 15, 16)),
    _small("matrix 3 of HLG: reserved", coded=_UNKNOWN_HLG, look=HLG, pixels=TEN),
    _small(
        "matrix 0, VP9: RGB over YUV, in Matroska alone",
        **_WEBM,
        **_LARGE,
        look=ColourTags(tagged=_SILENT),
        copied=("-colorspace", "rgb"),
    ),
]


def _told(look: ColourTags) -> tuple[str, ...]:
    names = ("-colorspace", "-color_trc", "-color_primaries", "-color_range")
    return tuple(
        word
        for pair in zip(names, (look.matrix, look.transfer, look.primaries, look.range), strict=True)
        for word in pair
    )


def _silent(matrix: str, transfer: str = "bt709", primaries: str = "bt709", reach: str = "tv") -> ColourTags:
    return ColourTags(matrix, transfer, primaries, reach, tagged=_SILENT)


_FULL_601 = _silent("bt470bg", "smpte170m", "bt470bg", "pc")
_SAID_HLG = _silent("bt2020nc", "arib-std-b67", "bt2020")
_SAID_P3 = _silent("bt709", primaries="smpte432")
TOLD = [
    _small("BT.601 full range in colr alone, HEVC", **_HEVC, look=_FULL_601, copied=_told(_FULL_601)),
    _small("BT.601 full range in colr alone, H.264", look=_FULL_601, copied=_told(_FULL_601)),
    _small("P3 in colr alone, HEVC in MOV", **_HEVC, look=_SAID_P3, copied=_told(_SAID_P3), container="mov"),
    _small("HLG in colr alone, HEVC", **_HEVC, look=_SAID_HLG, copied=_told(_SAID_HLG), pixels=TEN),
    _small("BT.601 full range in Matroska alone, VP9", **_WEBM, look=_FULL_601, copied=_told(_FULL_601)),
    _small("P3 in Matroska alone, VP9", **_WEBM, look=_SAID_P3, copied=_told(_SAID_P3)),
    _small("HLG in Matroska alone, VP9", **_WEBM, look=_SAID_HLG, copied=_told(_SAID_HLG), pixels=TEN),
    _small("the stream says BT.709 and colr BT.601: the stream's word", changes=(colours(6, 6, 6),)),
    _small(
        "the stream says BT.601 full range and colr HLG: the stream's word",
        look=ColourTags("smpte170m", "smpte170m", "smpte170m", "pc"),
        changes=(colours(9, 18, 9),),
    ),
]

_HIDDEN_ROWS: dict[str, Any] = {"height": 360, "hidden": (0, 60, 0, 60)}
CROPS = [
    _small("aperture in the middle", hidden=(16, 8, 16, 8), changes=(clean_aperture(640, 360),)),
    _small("aperture off the middle", hidden=(32, 0, 8, 16), changes=(clean_aperture(640, 360, 24, -16),)),
    _small("aperture that changes the shape", **_HIDDEN_ROWS, changes=(clean_aperture(640, 360),)),
    _small(
        "aperture upright, of a wide picture", width=360, hidden=(140, 0, 140, 0), changes=(clean_aperture(360, 360),)
    ),
    _small("aperture, turned", hidden=(0, 60, 0, 60), turned=Turned(90), changes=(clean_aperture(640, 360),)),
    _small("aperture, HEVC of BT.601", **_HEVC, look=NTSC, **_HIDDEN_ROWS, changes=(clean_aperture(640, 360),)),
    _small("PixelCrop that changes the shape, VP9", **_WEBM, **_HIDDEN_ROWS, elements=(PixelCrop((0, 60, 0, 60)),)),
    _small(
        "PixelCrop off the middle, H.264", container="mkv", hidden=(32, 0, 8, 16), elements=(PixelCrop((32, 0, 8, 16)),)
    ),
]

_LOST_FIRST = ("-copyinkf", "-bsf:v", "noise=drop='eq(n,0)'")
_AFTER: dict[str, Any] = {"frames": 75, "parts": (range(30, 75),)}  # the next keyframe
BROKEN = [
    _small("its first picture is lost", copied=_LOST_FIRST, **_AFTER),
    _small("its first picture is lost, HEVC", **_HEVC, copied=_LOST_FIRST, **_AFTER),
    _small("its first picture is lost, VP9", **_WEBM | {"coded": (*VP9, "-g", "30")}, copied=_LOST_FIRST, **_AFTER),
    _small(
        "its first picture is lost, VP8",
        coded=VP8,
        container="webm",
        look=ColourTags("bt470bg"),
        copied=_LOST_FIRST,
        **_AFTER,
    ),
    _small("edit list of one entry of no duration: all of it", changes=(EditList(((0, 0),)),)),
    _small(
        "turned once, though told twice",
        turned=Turned(90),
        coded=(*H264, "-bsf:v:0", "h264_metadata=display_orientation=insert:rotate=-90"),
    ),
    _small(
        "turned by the stream alone",
        turned=Turned(90, by_stream=True),
        coded=(*H264, "-bsf:v:0", "h264_metadata=display_orientation=insert:rotate=-90"),
    ),
]


def _rate(number: int, rate: int, **other: Any) -> Accepted:
    return _small(f"{number} fps", grid=Fraction(number), frames=round(1.5 * number), rate=rate, **other)


RATES = [
    _rate(90, 30),
    _rate(72, 24),
    _rate(144, 24),
    _rate(10, 30),
    _small("samples that hold no picture", remarks=2),
    _small("samples that hold no picture, 60 fps", grid=Fraction(60), frames=90, remarks=1),
]

_THUMB = ("-f", "lavfi", "-i", "color=red:s=1920x1080:r=1:d=1")
_PROXY = ("-f", "lavfi", "-t", "2", "-i", "testsrc2=s=320x180:r=30")
_TWO = ("-map", "0:v:0", "-map", "1:v:0")
_BOTH_PLAY = ("-disposition:v:0", "default", "-disposition:v:1", "default")
_FIRST: dict[str, Any] = {"mapped": _TWO, "changes": (Reversed(),)}
TRACKS = [
    _small(
        "a picture of one sample before it, H.264", beside=_THUMB, muxed=("-c:v:1", "libx264", *_BOTH_PLAY), **_FIRST
    ),
    _small("a picture of one sample before it, JPEG", beside=_THUMB, muxed=("-c:v:1", "mjpeg", *_BOTH_PLAY), **_FIRST),
    _small("a small proxy before it", beside=_PROXY, muxed=("-c:v:1", "libx264", *_BOTH_PLAY), **_FIRST),
    _small("a small proxy before it, JPEG", beside=_PROXY, muxed=("-c:v:1", "mjpeg", *_BOTH_PLAY), **_FIRST),
    _small(
        "a small proxy before it, Matroska",
        container="mkv",
        beside=_PROXY,
        mapped=_TWO,
        muxed=("-c:v:1", "libx264"),
        copied=("-map", "0:v:1", "-map", "0:v:0", *_BOTH_PLAY),
    ),
]
