"""Accepted clips of the corpus by how they are held and how large they are."""

from fractions import Fraction

from support.corpus import QUICK, Accepted
from support.corpus_boxes import Turned, clean_aperture
from support.corpus_source import AV1, H264, HEVC_PLAIN, VP9, Source

_DAILY_TURNS = {(90, False), (270, True)}

TURNS = [
    Accepted(
        name=f"turned {clockwise}{', mirrored' if mirrored else ''}",
        source=Source(turned=Turned(clockwise, mirrored=mirrored)),
        daily=(clockwise, mirrored) in _DAILY_TURNS,
    )
    for clockwise in (0, 90, 180, 270)
    for mirrored in (False, True)
    if (clockwise, mirrored) != (0, False)
]
TURNS += [
    Accepted(name="turned 90, HEVC in MOV", source=Source(turned=Turned(90), coded=HEVC_PLAIN, container="mov")),
    Accepted(name="turned 180 by the whole movie", source=Source(turned=Turned(180, by_movie=True))),
    Accepted(
        name="turned 270, in WebM",
        source=Source(turned=Turned(270), coded=VP9, container="webm"),
    ),
]

SHAPES = [
    Accepted(name="plain: 1080p30 H.264 in MP4"),
    Accepted(name="portrait", source=Source(width=1080, height=1920)),
    Accepted(name="portrait 3:4, turned", source=Source(width=1440, height=1080, turned=Turned(90))),
    Accepted(name="square", source=Source(width=1080, height=1080)),
    Accepted(name="21:9", source=Source(width=2560, height=1080)),
    Accepted(name="3:1", source=Source(width=3240, height=1080)),
    Accepted(name="4:3", source=Source(width=1440, height=1080)),
    Accepted(name="1.85:1, cinema", source=Source(width=1998, height=1080)),
    Accepted(name="nearly 16:9: 1920x1088", source=Source(height=1088)),
    Accepted(name="anamorphic 1440x1080 of 4:3 pixels", source=Source(width=1440, sar="4/3")),
    Accepted(name="anamorphic, tall pixels", source=Source(width=2880, sar="2/3")),
    Accepted(name="anamorphic and turned", source=Source(width=1440, sar="4/3", turned=Turned(90))),
    Accepted(name="anamorphic in WebM", source=Source(width=1440, sar="4/3", coded=VP9, container="webm")),
    Accepted(
        name="odd: 1919x1081 VP9",
        source=Source(width=1919, height=1081, coded=VP9, container="webm"),
    ),
    Accepted(name="odd: 1921x1083 AV1", source=Source(width=1921, height=1083, coded=AV1)),
    Accepted(
        name="odd: 1919x1081 H.264 4:4:4, turned",
        source=Source(width=1919, height=1081, pixels="yuv444p", turned=Turned(270)),
    ),
    Accepted(
        name="clean aperture: 1080 of 1088 rows",
        source=Source(spare=8, changes=(clean_aperture(1920, 1080, 8),)),
    ),
]

SIZES = [
    Accepted(name="1440p", source=Source(width=2560, height=1440)),
    Accepted(name="4K H.264", source=Source(width=3840, height=2160)),
    Accepted(name="4K HEVC, turned", source=Source(width=3840, height=2160, coded=HEVC_PLAIN, turned=Turned(90))),
    Accepted(name="4K60 H.264", source=Source(width=3840, height=2160, frames=100, grid=Fraction(60))),
    Accepted(name="cinema 4K", source=Source(width=4096, height=2160, coded=AV1)),
    Accepted(
        name="8K",
        source=Source(width=7680, height=4320, frames=34, coded=(*H264, "-threads", "1")),
        limits=QUICK | {"edit_clip_seconds": 1.0},
    ),
]
