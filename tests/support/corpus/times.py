"""Accepted corpus clips: times of pictures, such as rates, gaps, edit lists, odd beginnings, lengths."""

from fractions import Fraction
from itertools import accumulate
from typing import Any

from support.corpus.cases import CONTEST, QUICK, WHOLE, Accepted
from support.corpus.moov_edits import EditList, Without
from support.corpus.source import AV1, H264, HEVC_PLAIN, VP9, ClipSource

WITH_B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "30", "-bf", "3")
OPEN_GROUPS = (*HEVC_PLAIN[:-1], "log-level=none:open-gop=1:bframes=3:b-adapt=0:keyint=30:min-keyint=30:scenecut=0")
SOUND = ("-f", "lavfi", "-t", "2", "-i", "sine=frequency=440:sample_rate=48000")
SOUNDED = ("-map", "0:v:0", "-map", "1:a:0")
FRAGMENTS = "+frag_keyframe+empty_moov+default_base_moof"
_THOUSAND = 1001


def _rate(name: str, grid: Fraction, rate: int, *, seconds: float = 2, **other: Any) -> Accepted:
    source = ClipSource(grid=grid, frames=round(seconds * grid), **other)
    return Accepted(name=name, source=source, rate=rate)


RATES = [
    _rate("12.5 fps", Fraction(25, 2), 25),
    _rate("15 fps", Fraction(15), 30),
    _rate("23.976 fps", Fraction(24000, _THOUSAND), 24),
    _rate("24 fps", Fraction(24), 24),
    _rate("25 fps", Fraction(25), 25),
    _rate("29.97 fps", Fraction(30000, _THOUSAND), 30),
    _rate("48 fps", Fraction(48), 24),
    _rate("50 fps", Fraction(50), 25),
    _rate("59.94 fps", Fraction(60000, _THOUSAND), 30, coded=HEVC_PLAIN),
    _rate("60 fps", Fraction(60), 30),
    _rate("60 fps in WebM", Fraction(60), 30, coded=VP9, container="webm"),
    _rate("100 fps", Fraction(100), 25),
    _rate("120 fps", Fraction(120), 30),
    _rate("240 fps", Fraction(240), 30, seconds=1.6, coded=HEVC_PLAIN),
]

# In sixtieths and six-hundredths of a second.
_DIM = tuple(accumulate([20, 20, 20, 25, 25, 25, 25, 30, 30, 20] * 5, initial=0))
_JITTER = tuple(accumulate([19, 21, 20, 18, 22] * 11, initial=0))
_JITTER_60 = tuple(accumulate([96, 103, 99, 104, 98] * 20, initial=0))  # in six-thousandths
_DROPS = tuple(tick for tick in range(60) if tick % 7 not in {3, 5})

TICKS = [
    _rate("60 fps in ticks of a sixtieth", Fraction(60), 30, muxed=("-video_track_timescale", "60")),
    _rate(
        "29.97, in ticks of a millionth,", Fraction(30000, _THOUSAND), 30, muxed=("-video_track_timescale", "1000000")
    ),
    _rate("59.94 fps in ticks of 1/600", Fraction(60000, _THOUSAND), 30, muxed=("-video_track_timescale", "600")),
]

VARIABLE = [
    Accepted(
        name="variable: fewer in the dark",
        source=ClipSource(grid=Fraction(600), frames=len(_DIM), ticks=_DIM),
        rate=24,
    ),
    Accepted(name="variable: jitter", source=ClipSource(grid=Fraction(600), frames=len(_JITTER), ticks=_JITTER)),
    Accepted(
        name="variable: jitter around 60 fps",
        source=ClipSource(grid=Fraction(6000), frames=len(_JITTER_60), ticks=_JITTER_60),
        steady=True,
    ),
    Accepted(
        name="variable: frames dropped, WebM",
        source=ClipSource(frames=len(_DROPS), ticks=_DROPS, coded=VP9, container="webm"),
    ),
    Accepted(
        name="a gap of 0.6 s",
        source=ClipSource(ticks=(*range(20), *range(38, 78))),
        daily=True,
    ),
    Accepted(
        name="a gap of 0.6 s, from the third picture",
        source=ClipSource(ticks=(*range(2), *range(20, 78)), coded=HEVC_PLAIN, container="mov"),
    ),
]

BEGINNINGS = [
    Accepted(
        name="pictures begin 1.2 s after the sound",
        source=ClipSource(
            ticks=tuple(range(36, 96)),
            beside=("-f", "lavfi", "-t", "3", "-i", "sine"),
            mapped=SOUNDED,
        ),
        daily=True,
    ),
    Accepted(
        name="sound begins before zero",
        source=ClipSource(beside=("-itsoffset", "-0.5", *SOUND), mapped=SOUNDED, container="mov"),
    ),
    Accepted(name="clock begins at 5 s", source=ClipSource(ticks=tuple(range(150, 210)), container="mkv")),
    Accepted(
        name="clock begins at an hour, as of a long recording",
        source=ClipSource(coded=VP9, container="webm", muxed=("-output_ts_offset", "3600", "-live", "1")),
    ),
    Accepted(
        name="negative times, in fragments",
        source=ClipSource(coded=WITH_B_FRAMES, muxed=("-movflags", f"{FRAGMENTS}+negative_cts_offsets")),
    ),
    Accepted(
        name="negative times, no edit list",
        source=ClipSource(
            coded=WITH_B_FRAMES, muxed=("-movflags", "+negative_cts_offsets"), changes=(Without(b"edts"),)
        ),
    ),
    Accepted(
        name="B-frames without the edit list that shifts them",
        source=ClipSource(coded=WITH_B_FRAMES, changes=(Without(b"edts"),)),
    ),
]

EDIT_LISTS = [
    Accepted(
        name="edit list: trimmed to begin at 0.5 s, between keyframes",
        source=ClipSource(coded=WITH_B_FRAMES, changes=(EditList(((1.5, 0.5),)),)),
        parts=(range(15, 60),),
        limits=WHOLE,
        daily=True,
    ),
    Accepted(
        name="edit list: trimmed to end at 1.2 s",
        source=ClipSource(changes=(EditList(((1.2, 0),)),)),
        parts=(range(36),),
        limits=WHOLE,
    ),
    Accepted(
        name="edit list: trimmed to end at 1.2 s, with B-frames",
        source=ClipSource(coded=WITH_B_FRAMES, changes=(EditList(((1.2, 0),)),)),
        parts=(range(36),),
        limits=WHOLE,
    ),
    Accepted(
        name="edit list: the middle cut out",
        source=ClipSource(changes=(EditList(((0.8, 0), (0.8, 1.2))),)),
        parts=(range(24), range(36, 60)),
        limits=WHOLE,
    ),
    Accepted(
        name="edit list: begins with nothing for 0.5 s",
        source=ClipSource(coded=HEVC_PLAIN, container="mov", changes=(EditList(((0.5, None), (2, 0))),)),
        limits=WHOLE,
    ),
]

ENDS = [
    Accepted(name="cut to a frame: 1.04 s of it", limits=QUICK | {"edit_clip_seconds": 1.04}),
    Accepted(name="shorter than the edit: to its last frame", source=ClipSource(frames=47), limits=WHOLE, daily=True),
    Accepted(
        name="shorter than the edit: AV1, 59.94 fps",
        source=ClipSource(frames=95, grid=Fraction(60000, _THOUSAND), coded=AV1),
        limits=WHOLE,
    ),
    Accepted(
        name="shorter than the edit: HEVC with B-frames",
        source=ClipSource(frames=50, coded=(*HEVC_PLAIN[:-1], "log-level=none:bframes=3:b-adapt=0")),
        limits=WHOLE,
    ),
]

ENDS += [
    Accepted(name="the last picture stands for a second", source=ClipSource(frames=31, last=30), limits=WHOLE),
    Accepted(
        name="cut from an HEVC of open groups, at 1 s",
        source=ClipSource(frames=90, coded=OPEN_GROUPS, again=("-ss", "1"), first=0),
        parts=(range(30, 90),),
    ),
]

LONG = (*H264[:4], "-crf", "30", "-g", "60")
LENGTHS = [
    Accepted(name="20 s", source=ClipSource(frames=600, coded=LONG), limits=CONTEST),
    Accepted(name="60 s", source=ClipSource(frames=1800, coded=LONG), limits=CONTEST),
    Accepted(
        name="60 s of 29.97 fps",
        source=ClipSource(frames=1798, grid=Fraction(30000, _THOUSAND), coded=LONG),
        limits=CONTEST,
    ),
]
