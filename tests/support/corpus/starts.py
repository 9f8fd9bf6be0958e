"""Corpus clips edited from a later start: the picture that people see at the chosen moment."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

from support.corpus.cases import QUICK, Accepted
from support.corpus.changes import AVC1, AVC3, HEV1, UPRIGHT, WEBM9, WIDE, joined
from support.corpus.colour_cases import HLG, NTSC, TEN
from support.corpus.colours import ColourTags
from support.corpus.joins import Joint
from support.corpus.moov_edits import EditList, Reversed, Without
from support.corpus.source import AV1, H264, VP8, VP9, ClipSource
from support.corpus.times import FRAGMENTS, OPEN_GROUPS, WITH_B_FRAMES

SHORT = QUICK | {"clip_min_side": 300}
LATE = Fraction("2.35")  # between two pictures of 30 a second, and between keyframes


@dataclass(frozen=True, kw_only=True)
class Started:
    """A clip, its start in seconds, and whether FFmpeg seeks there or must decode everything before."""

    clip: Accepted
    start: Fraction = LATE
    sought: bool = True
    daily: bool = False

    @property
    def expected(self) -> Accepted:
        """What the edit must show."""
        return self.clip.started(self.start)


def _late(
    name: str,
    start: Fraction = LATE,
    *,
    rate: int = 30,
    parts: tuple[range, ...] = (),
    sought: bool = True,
    daily: bool = False,
    **other: Any,
) -> Started:
    source = ClipSource(**(WIDE | {"frames": 120} | other))
    clip = Accepted(name=name, source=source, rate=rate, parts=parts, limits=SHORT)
    return Started(clip=clip, start=start, sought=sought, daily=daily)


def _midway(name: str, start: Fraction, form: dict[str, Any], *parts: dict[str, Any], joint: Joint = "stream",
            sought: bool = True) -> Started:  # fmt: skip
    source = joined(form, *({"frames": 60, "first": 60 * number} | part for number, part in enumerate(parts)),
                    joint=joint)  # fmt: skip
    return Started(clip=Accepted(name=name, source=source, limits=SHORT), start=start, sought=sought)


_WEBM: dict[str, Any] = {"coded": (*VP9, "-g", "30"), "container": "webm"}
_ONE_KEYFRAME = (*H264[:-1], "600")
_REFRESHED = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "30", "-x264-params", "intra-refresh=1")
_LOST = ("-copyinkf", "-bsf:v", "noise=drop='eq(n,0)'")
_SOUND: dict[str, Any] = {
    "beside": ("-f", "lavfi", "-t", "5", "-i", "sine"),
    "mapped": ("-map", "0:v:0", "-map", "1:a:0"),
}
_PROXY: dict[str, Any] = {
    "beside": ("-f", "lavfi", "-t", "4", "-i", "testsrc2=s=320x180:r=30"),
    "mapped": ("-map", "0:v:0", "-map", "1:v:0"),
    "muxed": ("-c:v:1", "libx264", "-disposition:v:0", "default", "-disposition:v:1", "default"),
    "changes": (Reversed(),),
}
_JITTER = tuple(accumulate([19, 21, 20, 18, 22] * 24, initial=0))
_MIDDLE_OUT = EditList(((0.8, 0), (2.5, 1.2)))

SEEKING = [
    _late("MP4: H.264 with B-frames", coded=WITH_B_FRAMES, daily=True),
    _late(
        "MP4: trimmed by an edit list to begin at 0.5 s",
        coded=WITH_B_FRAMES,
        changes=(EditList(((3.5, 0.5),)),),
        parts=(range(15, 120),),
        start=Fraction("1.95"),
    ),
    _late("MP4: the middle cut out", changes=(_MIDDLE_OUT,), parts=(range(24), range(36, 111)), start=Fraction("1.75")),
    _late(
        "MP4 in fragments, negative times",
        coded=WITH_B_FRAMES,
        muxed=("-movflags", f"{FRAGMENTS}+negative_cts_offsets"),
        daily=True,
    ),
    _late("MP4 in fragments, negative times, no edit list", coded=WITH_B_FRAMES,
          muxed=("-movflags", "+negative_cts_offsets"), changes=(Without(b"edts"),)),
    _late("MP4: AV1", coded=AV1),
    _late("MP4: another track before it", **_PROXY),
    _late("MOV: HEVC of open groups", coded=OPEN_GROUPS, container="mov"),
    _late("WebM: VP9", **_WEBM),
    _late("WebM: VP9 as recorded, without cues", **_WEBM, muxed=("-live", "1"), daily=True),
    _late("WebM: VP8", coded=VP8, container="webm", look=ColourTags("bt470bg")),
    _late("WebM: its clock begins at an hour", **_WEBM, muxed=("-output_ts_offset", "3600", "-live", "1")),
    _late("Matroska: H.264, pictures 5 s after zero", ticks=tuple(range(150, 270)), container="mkv"),
    _late("Matroska: pictures 1.2 s after the sound", ticks=tuple(range(36, 156)), container="mkv", **_SOUND),
    _late("60 pictures a second", grid=Fraction(60), frames=240),
    _late("variable rate", grid=Fraction(600), frames=len(_JITTER), ticks=_JITTER),
    _late("a start within a gap", ticks=(*range(60), *range(80, 140)), start=Fraction("2.5")),
    _late("the last start that is allowed", start=Fraction(3)),
    _late("the start of a picture", start=Fraction("2.4")),
]  # fmt: skip
DECODING = [
    _late("a start within the first second", start=Fraction("0.45"), sought=False, daily=True),
    _late("one keyframe alone", coded=_ONE_KEYFRAME),
    _late("pictures refreshed bit by bit", coded=_REFRESHED, sought=False),
    _late("every sample called a keyframe, H.264", changes=(Without(b"stss"),)),
]
LOST = [
    _late("first picture lost", copied=_LOST, parts=(range(30, 120),), start=Fraction("1.35")),
    _late("first picture lost, WebM", **_WEBM, copied=_LOST, parts=(range(30, 120),), start=Fraction("1.35")),
]
_601: dict[str, Any] = {"look": NTSC}
_FULL: dict[str, Any] = {"look": ColourTags(range="pc")}
_HDR: dict[str, Any] = {"look": HLG, "pixels": TEN}
_SDR: dict[str, Any] = {"look": ColourTags()}
MIDWAY = [
    _midway("turned after the start, VP9", Fraction("1.55"), WEBM9, WIDE, UPRIGHT),
    _midway("turned before the start, VP9", Fraction("2.35"), WEBM9, WIDE, UPRIGHT),
    _midway("turned long before the start, VP9", Fraction("3.0"), WEBM9, WIDE, UPRIGHT),
    _midway("turned within the second before the start, avc3", Fraction("2.05"), AVC3, UPRIGHT, WIDE),
    _midway("two sample entries", Fraction("2.6"), AVC1, WIDE, UPRIGHT, joint="entries"),
    _midway("BT.601, then BT.709", Fraction("2.35"), AVC3, _601, _SDR),
    _midway("full range, then limited", Fraction("2.35"), AVC3, _FULL, _SDR),
    _midway("HLG, then standard range", Fraction("2.35"), HEV1, _HDR, {**_SDR, "pixels": TEN}),
    _midway("standard range of 8 bits, then HLG", Fraction("2.35"), HEV1, _SDR, _HDR),
]
STARTS = [*SEEKING, *DECODING, *LOST, *MIDWAY]
