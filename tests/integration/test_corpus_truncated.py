"""A truncated clip is refused, or its edit shows the bytes that arrived; it never crashes and is never retried."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Refusal
from anb.media.edit import EditRejected
from anb.media.unreadable import CutOff
from support.corpus.cases import QUICK
from support.corpus.draw import draw
from support.corpus.editor import CorpusEditor
from support.corpus.perception import Sight, frames
from support.corpus.source import AV1, HEVC_PLAIN, VP9, ClipSource
from support.corpus.times import FRAGMENTS, WITH_B_FRAMES

SMALL: dict[str, Any] = {"width": 640, "height": 360}
LIMITS = QUICK | {"clip_min_side": 360}
RATE, BUMPER = 30, 15
HELD = 15  # frames that the last picture may be repeated to complete a clip

CONTAINERS = {
    "index last": ClipSource(**SMALL, coded=WITH_B_FRAMES),
    "index first": ClipSource(**SMALL, coded=WITH_B_FRAMES, muxed=("-movflags", "+faststart")),
    "fragments": ClipSource(**SMALL, muxed=("-movflags", FRAGMENTS)),
    "fragments of one picture": ClipSource(
        **SMALL, muxed=("-movflags", "+frag_every_frame+empty_moov+default_base_moof")
    ),
    "fragments, AV1": ClipSource(**SMALL, coded=AV1, muxed=("-movflags", FRAGMENTS)),
    "MOV of HEVC, index first": ClipSource(
        **SMALL, coded=HEVC_PLAIN, container="mov", muxed=("-movflags", "+faststart")
    ),
    "WebM": ClipSource(**SMALL, coded=VP9, container="webm"),
    "live WebM": ClipSource(**SMALL, coded=VP9, container="webm", muxed=("-live", "1")),
    "Matroska of H.264": ClipSource(**SMALL, container="mkv"),
}
DAILY = {"fragments"}
NEEDS_ALL = {"index last", "index first", "MOV of HEVC, index first"}  # cut, they lack the index or what it lists


def cuts(size: int, points: int) -> list[int]:
    """Return where to cut: in the first bytes, evenly through the file, and just before its end."""
    return sorted({0, 1, 7, 8, 40, *(size * number // points for number in range(1, points)), size - 9, size - 1})


def clips() -> Iterator[object]:
    for name, source in CONTAINERS.items():
        if name in DAILY:
            yield pytest.param(source, 6, name not in NEEDS_ALL, id=name)
        marks = pytest.mark.slow
        yield pytest.param(source, 48, name not in NEEDS_ALL, id=f"{name}, at 48 points", marks=marks)


@pytest.mark.parametrize(("source", "points", "goes_on"), list(clips()))
def test_a_file_cut_anywhere_is_refused_or_edited_as_far_as_it_goes(
    source: ClipSource, points: int, goes_on: bool, tmp_path: Path
) -> None:
    whole, cut, real_edit = draw(source).read_bytes(), tmp_path / f"cut.{source.container}", CorpusEditor(tmp_path)
    ends: list[str | list[int | None]] = []
    for size in cuts(len(whole), points):
        cut.write_bytes(whole[:size])
        try:
            with real_edit.edited(cut, LIMITS) as edit:
                ends.append(shown(source, edit))
        except (Refusal, EditRejected) as refused:
            ends.append(str(refused))
    assert all(is_told(end) for end in ends), ends
    assert any(isinstance(end, list) for end in ends) == goes_on, ends


@pytest.mark.parametrize(
    ("name", "box", "part"),
    [
        ("index last", b"mdat", 0.5),
        ("index last", b"moov", 0),
        ("index last", b"moov", 0.5),
        ("index first", b"moov", 0.9),
    ],
)
def test_a_file_whose_index_did_not_arrive_is_said_to_be_cut_off(
    name: str, box: bytes, part: float, tmp_path: Path
) -> None:
    whole, cut = draw(CONTAINERS[name]).read_bytes(), tmp_path / "cut.mp4"
    begin = whole.index(box) - 4
    cut.write_bytes(whole[: begin + 8 + int(int.from_bytes(whole[begin : begin + 4]) * part)])
    with pytest.raises(CutOff) as refused:
        CorpusEditor(tmp_path).judge(cut, LIMITS)
    assert "le falta una parte" in refused.value.text("es")
    assert "a part of the video is missing" in refused.value.text("en")


def shown(source: ClipSource, edit: Path) -> list[int | None]:
    """Return the counter's values in the clip's frames."""
    sight = Sight.of(source.layout, Fraction(16, 9))
    return [sight.number(frame) for frame in frames(edit)][BUMPER:-BUMPER]


def is_told(end: str | list[int | None]) -> bool:
    """Say whether an end is a refusal, or the pictures from the first on, the last of which may be repeated."""
    if isinstance(end, str):
        return bool(end)
    whole = [number for number in end if number is not None]
    last = max(whole, default=0)
    return len(end) - len(set(whole)) <= HELD and whole == [min(place, last) for place in range(len(whole))]
