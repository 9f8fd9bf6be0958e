"""Files whose shape is not the declared one: truncated, noise, empty, or of two kinds at once."""

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

from verify.kit import boxes
from verify.kit.boxes import box

from anb.settings import MIB
from support.hostile.case import Bait, Cases, Maker, holding, live_mp4, mp4, ready_mp4, webm
from support.hostile.scripts import FTYP
from support.hostile.tree import HEADER, element

SPARSE_BYTES = 100 * MIB


def _edges(siblings: list[boxes.Box], place: int = 0) -> Iterator[int]:
    """Say where each box begins, and each box in it."""
    for one in siblings:
        yield place
        yield from _edges(one.children, place + boxes.HEADER + len(one.body))
        place += len(one.written())


def _cuts() -> dict[str, Maker]:
    """Cut a clip before each box and in the middle of each head."""
    return {f"cut-{number:02}": _cut(number) for number in range(40)}


def _cut(number: int) -> Maker:
    def make(path: Path, _bait: Bait) -> None:
        data = ready_mp4()
        edges = [*_edges(boxes.parsed(data)), len(data)]
        place = edges[number // 2 % len(edges)] + 5 * (number % 2)
        path.write_bytes(data[:place])

    return make


def _noise(head: bytes, seed: int) -> Maker:
    return holding(lambda: head + random.Random(seed).randbytes(50_000))


def _zip() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("clip.html", "<script>alert(1)</script>")
    return held.getvalue()


def _sparse(path: Path, _bait: Bait) -> None:
    with path.open("wb") as file:
        file.write(FTYP)
        file.truncate(SPARSE_BYTES)


def _sparse_mdat(path: Path, _bait: Bait) -> None:
    with path.open("wb") as file:
        file.write(FTYP + boxes.head(b"mdat", SPARSE_BYTES))
        file.truncate(SPARSE_BYTES)


HTML = b"<!doctype html><script>fetch('//127.0.0.1')</script>"
PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog /OpenAction <</S /JavaScript /JS (app.alert(1))>> >> endobj\n%%EOF\n"
CASES: Cases = {
    **_cuts(),
    "noise-behind-ftyp": _noise(FTYP, 1),
    "noise-behind-moov": _noise(FTYP + b"\0\0\xff\xffmoov", 2),
    "noise-behind-ebml": _noise(element(HEADER, b"\x42\x82\x84webm"), 3),
    "noise-in-mdat": holding(lambda: mp4().replace(mp4()[100:40_000], random.Random(4).randbytes(39_900))),
    "zeros": holding(lambda: bytes(1_000_000)),
    "zeros-behind-ftyp": holding(lambda: FTYP + bytes(1_000_000)),
    "sparse-100-mb": _sparse,
    "sparse-mdat-100-mb": _sparse_mdat,
    "two-files-in-one": holding(lambda: mp4() + mp4()),
    "webm-behind-mp4": holding(lambda: mp4() + webm()),
    "mp4-behind-webm": holding(lambda: webm() + mp4()),
    "mp4-and-zip": holding(lambda: mp4() + _zip()),
    "mp4-and-html": holding(lambda: mp4() + box(b"free", HTML)),
    "webm-and-pdf": holding(lambda: webm() + element(b"\xec", PDF)),
    "ftyp-then-webm": holding(lambda: FTYP + webm()),
    "ebml-then-mp4": holding(lambda: HEADER + mp4()),
    "utf-16": holding(lambda: "#EXTM3U\nfile:///etc/passwd\n".encode("utf-16")),
    "live-without-its-head": holding(lambda: live_mp4()[live_mp4().index(b"moof") - 4 :]),
    "live-cut": holding(lambda: live_mp4()[:-20_000]),
    "an-avi-called-mp4": holding(lambda: b"RIFF\xff\xff\xff\x7fAVI LIST" + bytes(500)),
}
