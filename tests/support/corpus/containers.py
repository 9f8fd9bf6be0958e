"""Accepted clips of the corpus: containers, and other contents of the file."""

from base64 import b64encode
from typing import Any

from support.corpus.cases import Accepted
from support.corpus.colour_cases import NTSC
from support.corpus.moov_edits import Disabled, Renamed, Reversed
from support.corpus.source import AV1, H264, HEVC_PLAIN, VP9, ClipSource
from support.corpus.times import FRAGMENTS, SOUND, SOUNDED


def _inline(form: str, text: str) -> tuple[str, ...]:
    """Return an input that is a text."""
    return ("-f", form, "-i", f"data:text/plain;base64,{b64encode(text.encode()).decode()}")


_WEBM: dict[str, Any] = {"coded": VP9, "container": "webm"}
CONTAINERS = [
    Accepted(name="index first", source=ClipSource(muxed=("-movflags", "+faststart"))),
    Accepted(name="MOV, HEVC", source=ClipSource(container="mov", coded=HEVC_PLAIN)),
    Accepted(name="fragments", source=ClipSource(muxed=("-movflags", FRAGMENTS))),
    Accepted(
        name="fragments of one picture",
        source=ClipSource(muxed=("-movflags", "+frag_every_frame+empty_moov+default_base_moof")),
    ),
    Accepted(name="fragments with an index", source=ClipSource(muxed=("-movflags", f"{FRAGMENTS}+global_sidx"))),
    Accepted(name="fragments, AV1", source=ClipSource(coded=AV1, muxed=("-movflags", FRAGMENTS))),
    Accepted(
        name="live WebM, as browsers record",
        source=ClipSource(coded=VP9, container="webm", beside=SOUND, mapped=SOUNDED, muxed=("-live", "1")),
    ),
    Accepted(
        name="WebM with its index first", source=ClipSource(coded=VP9, container="webm", muxed=("-cues_to_front", "1"))
    ),
    Accepted(
        name="live Matroska of H.264, as browsers record", source=ClipSource(container="mkv", muxed=("-live", "1"))
    ),
    Accepted(name="Matroska of HEVC", source=ClipSource(container="mkv", coded=HEVC_PLAIN)),
]

_LARGER: dict[str, Any] = {"width": 2560, "height": 1440, "frames": 40, "first": 20}
CHANGING = [
    Accepted(
        name="size changes midway, WebM",
        source=ClipSource(
            **(_WEBM | {"frames": 20, "then": ClipSource(**(_WEBM | _LARGER))}),
        ),
    ),
    Accepted(
        name="size changes midway, H.264",
        source=ClipSource(
            container="mkv",
            frames=20,
            coded=(*H264, "-bsf:v", "dump_extra"),
            then=ClipSource(container="mkv", coded=(*H264, "-bsf:v", "dump_extra"), **_LARGER),
        ),
    ),
    Accepted(
        name="size changes midway, BT.601",
        source=ClipSource(
            **(_WEBM | {"look": NTSC, "frames": 20, "then": ClipSource(**(_WEBM | {"look": NTSC} | _LARGER))}),
        ),
    ),
]

_TEXT = _inline("srt", "1\n00:00:00,000 --> 00:00:01,500\nCapitulo uno\n")
_CHAPTERS = _inline(
    "ffmetadata",
    ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Capitulo uno\n"
    "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Capitulo dos\n",
)
_SMALL = ("-f", "lavfi", "-t", "2", "-i", "testsrc2=s=640x360:r=30")
_COVER = ("-f", "lavfi", "-i", "color=red:s=600x600:r=1:d=1")
_TWO = ("-map", "0:v:0", "-map", "1:v:0")
_SMALL_FIRST = ("-map", "1:v:0", "-map", "0:v:0")

STREAMS = [
    Accepted(name="sound", source=ClipSource(beside=SOUND, mapped=SOUNDED)),
    Accepted(
        name="sound before the pictures", source=ClipSource(beside=SOUND, mapped=("-map", "1:a:0", "-map", "0:v:0"))
    ),
    Accepted(
        name="two sounds, uncompressed",
        source=ClipSource(
            beside=SOUND, mapped=(*SOUNDED, "-map", "1:a:0"), container="mov", muxed=("-c:a", "pcm_s16le")
        ),
    ),
    Accepted(
        name="sound in a codec nobody knows",
        source=ClipSource(beside=SOUND, mapped=SOUNDED, container="mov", changes=(Renamed(b"mp4a", b"apac"),)),
    ),
    Accepted(
        name="two pictures: the first is not shown",
        source=ClipSource(beside=_SMALL, mapped=_TWO, muxed=("-c:v:1", "libx264"), changes=(Disabled(1), Reversed())),
    ),
    Accepted(
        name="two pictures: the second is not shown",
        source=ClipSource(beside=_SMALL, mapped=_TWO, muxed=("-c:v:1", "libx264"), changes=(Disabled(1),)),
    ),
    Accepted(
        name="cover art",
        source=ClipSource(beside=_COVER, mapped=_TWO, muxed=("-c:v:1", "mjpeg", "-disposition:v:1", "attached_pic")),
    ),
    Accepted(
        name="subtitles",
        source=ClipSource(beside=_TEXT, mapped=("-map", "0:v:0", "-map", "1:s:0"), muxed=("-c:s", "mov_text")),
    ),
    Accepted(
        name="a data track, as phones and action cameras write",
        source=ClipSource(
            beside=_TEXT,
            mapped=("-map", "0:v:0", "-map", "1:s:0"),
            muxed=("-c:s", "mov_text"),
            container="mov",
            changes=(Renamed(b"text", b"mebx"), Renamed(b"tx3g", b"mebx")),
        ),
    ),
    Accepted(name="a time code track", source=ClipSource(container="mov", muxed=("-timecode", "10:00:00:00"))),
    Accepted(name="chapters", source=ClipSource(beside=_CHAPTERS, muxed=("-map_chapters", "1"))),
    Accepted(
        name="chapters, Matroska", source=ClipSource(beside=_CHAPTERS, muxed=("-map_chapters", "1"), container="mkv")
    ),
    Accepted(
        name="place, phone and date, as iPhones write",
        source=ClipSource(
            container="mov",
            coded=HEVC_PLAIN,
            muxed=(
                *("-movflags", "+use_metadata_tags", "-metadata", "creation_time=2026-02-03T10:11:12Z"),
                *("-metadata", "com.apple.quicktime.location.ISO6709=+04.6097-074.0817+2640.0/"),
                *("-metadata", "com.apple.quicktime.make=Apple", "-metadata", "com.apple.quicktime.model=My Phone 17"),
                *("-metadata", "com.apple.quicktime.software=iOS 26.1"),
            ),
        ),
    ),
    Accepted(
        name="place, phone and date, as Android writes",
        source=ClipSource(
            muxed=(
                *("-metadata", "location=+04.6097-074.0817/", "-metadata", "location-eng=Bogotá"),
                *("-metadata", "creation_time=2026-02-03T10:11:12Z", "-metadata", "title=My Phone"),
                *("-metadata:s:v:0", "handler_name=My Phone", "-metadata:s:v:0", "creation_time=2026-02-03T10:11:12Z"),
            ),
        ),
    ),
]
