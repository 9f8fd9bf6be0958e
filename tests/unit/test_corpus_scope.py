"""The corpus covers what it must: everything that the contest's video may be."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from support.corpus.cases import Accepted
from support.corpus.everything import ACCEPTED
from support.corpus.refusals import REFUSED
from support.corpus.source import ClipSource

CASES = [case for cases in ACCEPTED.values() for case in cases]
SOURCES = [case.source for case in CASES]


def test_there_are_more_than_sixty_clips_each_of_a_name_of_its_own() -> None:
    names = [*(case.name for case in CASES), *(case.name for cases in REFUSED.values() for case in cases)]
    assert len(names) == len(set(names)) > 60


@pytest.mark.parametrize("clockwise", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_clips_are_held_every_way(clockwise: int, mirrored: bool) -> None:
    assert any((source.turned.clockwise, source.turned.mirrored) == (clockwise, mirrored) for source in SOURCES)


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60", "120", "240"])
def test_every_rate_is_there(rate: str) -> None:
    assert any(source.grid == Fraction(rate) and not source.ticks for source in SOURCES)


@pytest.mark.parametrize(
    "kind",
    [
        lambda source: source.shape < 1,
        lambda source: source.shape == 1,
        lambda source: source.shape > 2,
        lambda source: source.shape == Fraction(4, 3),
        lambda source: source.sar != "1",
        lambda source: source.width % 2 == 1,
        lambda source: source.height == 1440,
        lambda source: source.height == 2160,
        lambda source: source.ticks != (),
        lambda source: source.fields == "top",
        lambda source: source.fields == "bottom",
        lambda source: "422p" in source.pixels,
        lambda source: "444p" in source.pixels,
        lambda source: source.look.tagged == (),
        lambda source: source.look.range == "pc",
        lambda source: source.look.primaries == "smpte432",
        lambda source: source.look.transfer == "arib-std-b67",
        lambda source: source.look.transfer == "smpte2084",
    ],
)
def test_every_kind_of_picture_is_there(kind: Callable[[ClipSource], bool]) -> None:
    assert any(kind(source) for source in SOURCES)


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx", "libvpx-vp9", "libsvtav1"])
def test_every_codec_is_there(codec: str) -> None:
    assert any(source.coded[1] == codec for source in SOURCES)


@pytest.mark.parametrize(
    "word", ["+faststart", "frag_keyframe", "-live", "attached_pic", "-map_chapters", "ISO6709", "negative_cts_offsets"]
)
def test_every_kind_of_file_is_there(word: str) -> None:
    assert any(word in " ".join(source.muxed) for source in SOURCES)


@pytest.mark.parametrize("form", ["webm", "mkv", "mp4"])
def test_clips_turn_midway_in_every_container_both_ways(form: str) -> None:
    turns = {
        (part.layout.width > part.layout.height, part.then.layout.width > part.then.layout.height)
        for source in SOURCES
        if source.container == form
        for part in source.parts
        if part.then
    }
    assert turns >= {(True, False), (False, True)}


@pytest.mark.parametrize("number", [0, 3, 8, 11, 12, 13, 14, 15, 16])
def test_every_matrix_that_nobody_converts_is_there(number: int) -> None:
    assert any(source.coded[-1].endswith(f"matrix_coefficients={number}") for source in SOURCES)


@pytest.mark.parametrize("before_and_after", [("matrix", "smpte170m", "bt709"), ("range", "pc", "tv")])
def test_colours_change_midway(before_and_after: tuple[str, str, str]) -> None:
    name, before, after = before_and_after
    changes = {(getattr(each.look, name), getattr(each.then.look, name)) for each in SOURCES if each.then}
    assert (before, after) in changes


def test_what_people_see_of_an_edit_list_is_what_it_shows() -> None:
    (cut,) = [case for case in ACCEPTED["edit lists"] if "middle" in case.name]
    shown = cut.shown()
    assert [number for _, number in shown] == [*range(24), *range(36, 60)]
    assert [time for time, _ in shown] == [Fraction(place, 30) for place in range(48)]
    assert (cut.seconds, cut.frames) == (Fraction(48, 30), 48)


def test_a_clip_is_cut_to_a_whole_number_of_frames() -> None:
    (cut,) = [case for case in CASES if "1.04 s" in case.name]
    assert cut.frames == 31
    assert Accepted(name="short", source=ClipSource(frames=20)).frames == 20
