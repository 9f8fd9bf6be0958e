"""Accepted corpus clips: orientations and sizes."""

from fractions import Fraction

from support.corpus.cases import QUICK, Accepted
from support.corpus.moov_edits import Turned, clean_aperture
from support.corpus.source import AV1, H264, HEVC_PLAIN, VP9, ClipSource

_DAILY_TURNS = {(90, False), (270, True)}

TURNS = [
    Accepted(
        name=f"turned {clockwise}{', mirrored' if mirrored else ''}",
        source=ClipSource(turned=Turned(clockwise, mirrored=mirrored)),
        daily=(clockwise, mirrored) in _DAILY_TURNS,
    )
    for clockwise in (0, 90, 180, 270)
    for mirrored in (False, True)
    if (clockwise, mirrored) != (0, False)
]
TURNS += [
    Accepted(name="turned 90, HEVC in MOV", source=ClipSource(turned=Turned(90), coded=HEVC_PLAIN, container="mov")),
    Accepted(name="turned 180 by the whole movie", source=ClipSource(turned=Turned(180, by_movie=True))),
    Accepted(
        name="turned 270, in WebM",
        source=ClipSource(turned=Turned(270), coded=VP9, container="webm"),
    ),
]

SHAPES = [
    Accepted(name="plain: 1080p30 H.264 in MP4"),
    Accepted(name="portrait", source=ClipSource(width=1080, height=1920)),
    Accepted(name="portrait 3:4, turned", source=ClipSource(width=1440, height=1080, turned=Turned(90))),
    Accepted(name="square", source=ClipSource(width=1080, height=1080)),
    Accepted(name="21:9", source=ClipSource(width=2560, height=1080)),
    Accepted(name="3:1", source=ClipSource(width=3240, height=1080)),
    Accepted(name="4:3", source=ClipSource(width=1440, height=1080)),
    Accepted(name="1.85:1, cinema", source=ClipSource(width=1998, height=1080)),
    Accepted(name="nearly 16:9: 1920x1088", source=ClipSource(height=1088)),
    Accepted(name="anamorphic 1440x1080 of 4:3 pixels", source=ClipSource(width=1440, sar="4/3")),
    Accepted(name="anamorphic, tall pixels", source=ClipSource(width=2880, sar="2/3")),
    Accepted(name="anamorphic and turned", source=ClipSource(width=1440, sar="4/3", turned=Turned(90))),
    Accepted(name="anamorphic in WebM", source=ClipSource(width=1440, sar="4/3", coded=VP9, container="webm")),
    Accepted(
        name="odd: 1919x1081 VP9",
        source=ClipSource(width=1919, height=1081, coded=VP9, container="webm"),
    ),
    Accepted(name="odd: 1921x1083 AV1", source=ClipSource(width=1921, height=1083, coded=AV1)),
    Accepted(
        name="odd: 1919x1081 H.264 4:4:4, turned",
        source=ClipSource(width=1919, height=1081, pixels="yuv444p", turned=Turned(270)),
    ),
    Accepted(
        name="clean aperture: 1080 of 1088 rows",
        source=ClipSource(hidden=(0, 0, 0, 8), changes=(clean_aperture(1920, 1080, down=-8),)),
    ),
]

SIZES = [
    Accepted(name="1440p", source=ClipSource(width=2560, height=1440)),
    Accepted(name="4K H.264", source=ClipSource(width=3840, height=2160)),
    Accepted(name="4K HEVC, turned", source=ClipSource(width=3840, height=2160, coded=HEVC_PLAIN, turned=Turned(90))),
    Accepted(name="4K60 H.264", source=ClipSource(width=3840, height=2160, frames=100, grid=Fraction(60))),
    Accepted(name="cinema 4K", source=ClipSource(width=4096, height=2160, coded=AV1)),
    Accepted(
        name="8K",
        source=ClipSource(width=7680, height=4320, frames=34, coded=(*H264, "-threads", "1")),
        limits=QUICK | {"edit_clip_seconds": 1.0},
    ),
]
