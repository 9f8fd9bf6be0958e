"""What else a container may carry: subtitles, fonts, covers, chapters, tags, and references to other files."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from verify.kit.boxes import box

from support.clips import ffmpeg, kept_file
from support.hostile import references
from support.hostile.case import Bait, Cases, Maker, holding, mkv, mp4
from support.hostile.tree import Node, element, full, read

ASS = "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: x,../../etc/passwd\n[Events]\n"
ASS += "Format: Start, End, Style, Text\nDialogue: 0:00:00.00,0:00:01.00,x,{\\p1000}m 0 0 l 9 9{\\fn%s}" + "A" * 1000
SRT = "1\n00:00:00,000 --> 00:00:01,000\n<font face='/etc/passwd'><script>alert(1)</script>" + "<b>" * 5000 + "\n"
VTT = (
    "WEBVTT\n\nSTYLE\n::cue{background:url(http://127.0.0.1/)}\n\n00:00.000 --> 00:01.000\n<v x>"
    + "<c.x>" * 5000
    + "\n"
)
CHAPTERS = ";FFMETADATA1\n" + "".join(f"[CHAPTER]\nSTART={n}\nEND={n + 1}\ntitle={'x' * 50}\n" for n in range(5000))
TAGS = ";FFMETADATA1\n" + "".join(f"name{n}=value\n" for n in range(10_000))
LONG_TAG = f";FFMETADATA1\ntitle={'A' * 1_000_000}\n"


def _beside(text: str, ending: str, form: str, source: Callable[[], bytes], *options: str) -> Maker:
    """Join a clip and a text."""

    def draw(path: Path) -> None:
        clip, beside = path.with_suffix(".clip"), path.with_suffix(f".{ending}")
        clip.write_bytes(source())
        beside.write_text(text)
        ffmpeg("-i", str(clip), *_told(options, beside), "-c:v", "copy", "-f", form, str(path))
        clip.unlink()
        beside.unlink()

    def make(path: Path, _bait: Bait) -> None:
        path.write_bytes(kept_file(f"beside {text} {form} {options}", "bin", draw).read_bytes())

    return make


def _told(options: Sequence[str], beside: Path) -> list[str]:
    return [option.format(beside=beside) for option in options]


SUBTITLES = ("-i", "{beside}", "-map", "0:v", "-map", "1", "-c:s")
METADATA = ("-f", "ffmetadata", "-i", "{beside}", "-map", "0:v", "-map_metadata", "1", "-map_chapters", "1")
FONT = ("-map", "0:v", "-attach", "{beside}", "-metadata:s:t", "mimetype=font/ttf")
NAMED = (*FONT, "-metadata:s:t", "filename=../../../../etc/cron.d/x")


def _streams(count: int) -> Maker:
    return _beside("", "txt", "matroska", mkv, *["-map", "0:v"] * count)


def _elsewhere(path: Path, bait: Bait) -> None:
    """Say that the pictures are in another player's clip."""
    clip = path.with_suffix(".own")
    clip.write_bytes(mp4())
    references.external_reference(path, clip, bait.decoy)
    clip.unlink()


def _referring(kind: bytes, words: Callable[[Bait], str]) -> Maker:
    def make(path: Path, bait: Bait) -> None:
        root, _ = read(mp4())
        entry = box(kind, bytes(4) + words(bait).encode() + b"\0")
        root.one(b"dinf").children = [Node(b"dref", bytes(4) + struct.pack(">I", 1) + entry)]
        path.write_bytes(root.write("boxes"))

    return make


def _movie_of_movies(path: Path, bait: Bait) -> None:
    """Write a QuickTime movie that contains only a reference to another one."""
    address = bait.url.encode() + b"\0"
    reference = box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(address)) + address)
    path.write_bytes(box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov", box(b"rmra", box(b"rmda", reference))))


def _linked(path: Path, bait: Bait) -> None:
    """Say that this segment continues in another file."""
    root, _ = read(mkv())
    name = element(b"\x3e\x83\xbb", str(bait.decoy).encode()) + element(b"\x3e\xb9\x23", bytes(range(16)))
    root.one(b"\x15\x49\xa9\x66").children.append(Node(b"", name))
    path.write_bytes(root.write("ebml"))


def _locked() -> bytes:
    """Say that the pictures are encrypted, by an unknown party."""
    root, _ = read(mp4())
    entry = root.one(b"avc1")
    entry.name = b"encv"
    scheme = box(b"schi", full(b"tenc", b"\0\0\1\x08" + bytes(16)))
    entry.children.append(Node(b"", box(b"sinf", box(b"frma", b"avc1") + full(b"schm", b"cenc\0\1\0\0") + scheme)))
    return root.write("boxes")


CASES: Cases = {
    "subtitles-ass": _beside(ASS, "ass", "matroska", mkv, *SUBTITLES, "ass"),
    "subtitles-mov-text": _beside(SRT, "srt", "mp4", mp4, *SUBTITLES, "mov_text"),
    "subtitles-vtt": _beside(VTT, "vtt", "matroska", mkv, *SUBTITLES, "webvtt"),
    "font": _beside("not a font", "ttf", "matroska", mkv, *FONT),
    "font-with-a-path": _beside("* * * * * root sh", "ttf", "matroska", mkv, *NAMED),
    "chapters-5000": _beside(CHAPTERS, "txt", "mp4", mp4, *METADATA),
    "tags-10000": _beside(TAGS, "txt", "matroska", mkv, *METADATA),
    "tag-of-1-mb": _beside(LONG_TAG, "txt", "mp4", mp4, *METADATA),
    "streams-200": _streams(200),
    "pictures-elsewhere-alis": _elsewhere,
    "pictures-elsewhere-url": _referring(b"url ", lambda bait: f"file://{bait.decoy}"),
    "pictures-elsewhere-server": _referring(b"url ", lambda bait: bait.url),
    "pictures-elsewhere-urn": _referring(b"urn ", lambda bait: f"x\0file://{bait.decoy}"),
    "movie-of-movies": _movie_of_movies,
    "segment-goes-on-elsewhere": _linked,
    "encrypted": holding(_locked),
}
