"""Joins two corpus files: in one stream, in one track with a description for each, or byte by byte."""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from verify.kit.boxes import Box, parsed

from support.clips import ffmpeg
from support.corpus.moov_edits import pictures

# stream: the second follows in the same stream; entries: with its own sample entry; glued: as `cat` does it.
Joint = Literal["stream", "entries", "glued"]


def join(parts: Sequence[Path], path: Path, joint: Joint, muxed: Sequence[str]) -> None:
    """Write one file of two."""
    if joint == "glued":
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
    elif joint == "entries":
        path.write_bytes(_described_twice(*(part.read_bytes() for part in parts)))
    else:
        names = path.with_suffix(".txt")
        names.write_text("".join(f"file '{part}'\n" for part in parts), encoding="utf-8")
        ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", *muxed, str(path))
        names.unlink()


def _described_twice(one: bytes, other: bytes) -> bytes:
    """Add the second file's samples to the track of the first, with their own sample entry. No B-frames."""
    *first, moov = parsed(one)
    *second, then = parsed(other)
    track, added = pictures(moov), pictures(then)
    chunks, samples = (
        struct.unpack_from(">I", track.one(kind).body, at)[0] for kind, at in ((b"stco", 4), (b"stsz", 8))
    )
    entries, more = track.one(b"stsd"), added.one(b"stsd").children
    before = len(entries.children)
    runs = [(number + chunks, count, before + which) for number, count, which in _rows(added.one(b"stsc"), 8, ">III")]
    _append(track.one(b"stsc"), 4, ">III", runs)
    _append(track.one(b"stco"), 4, ">I", [(at + _size(first),) for (at,) in _rows(added.one(b"stco"), 8, ">I")])
    _append(track.one(b"stss"), 4, ">I", [(number + samples,) for (number,) in _rows(added.one(b"stss"), 8, ">I")])
    _append(track.one(b"stts"), 4, ">II", _rows(added.one(b"stts"), 8, ">II"))
    _append(track.one(b"stsz"), 8, ">I", _rows(added.one(b"stsz"), 12, ">I"))
    entries.edit(4, ">I", before + len(more))
    entries.children += more
    for kind, place in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):
        lasting = [struct.unpack_from(">I", box.one(kind).body, place)[0] for box in (moov, then)]
        moov.one(kind).edit(place, ">I", sum(lasting))
    track.children = [child for child in track.children if child.kind != b"edts"]
    second[0].kind = b"free"  # its ftyp
    return b"".join(box.written() for box in [*first, *second, moov])


def _size(boxes: Sequence[Box]) -> int:
    return sum(len(box.written()) for box in boxes)


def _rows(table: Box, begin: int, form: str) -> list[tuple[int, ...]]:
    return list(struct.iter_unpack(form, table.body[begin:]))


def _append(table: Box, count_at: int, form: str, rows: Sequence[tuple[int, ...]]) -> None:
    (count,) = struct.unpack_from(">I", table.body, count_at)
    table.edit(count_at, ">I", count + len(rows))
    table.body += b"".join(struct.pack(form, *row) for row in rows)
