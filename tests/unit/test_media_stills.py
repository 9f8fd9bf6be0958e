"""Stills: which frames they are, which one people see first, and where each is on the sheet."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anb.media.stills import COLUMNS, LOOK_BYTES, MOST_TILES, TILE_HEIGHT, TILE_WIDTH, Stills, best, lit, parted
from support.shells import jpeg

GREY, DARK, BLACK, WHITE = bytes([118]), bytes([40]), bytes([10]), bytes([250])


def look(*parts: bytes) -> bytes:
    """A small grey picture of equal parts."""
    return b"".join(part * (LOOK_BYTES // len(parts)) for part in parts)


class TestCounting:
    @pytest.mark.parametrize(
        ("rate", "frames", "step", "count", "sheet"),
        [
            (30, 900, 30, 30, (1600, 360)),
            (24, 720, 24, 30, (1600, 360)),
            (30, 15, 30, 1, (1600, 90)),  # less than a second
            (25, 751, 25, 31, (1600, 360)),  # one frame into the next second
            (30, 270, 30, 9, (1600, 90)),  # with the bumper's, a full line
            (30, 99 * 30, 30, 99, (1600, 900)),
            (30, 200 * 30, 90, 67, (1600, 630)),  # so long that it is one every three seconds
        ],
    )
    def test_there_is_one_a_second(self, rate: int, frames: int, step: int, count: int, sheet: tuple[int, int]) -> None:
        stills = Stills(rate, frames)
        assert (stills.step, stills.count, stills.sheet) == (step, count, sheet)

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(rate=st.sampled_from([24, 25, 30]), frames=st.integers(1, 20_000))
    def test_no_sheet_has_more_tiles_than_it_may(self, rate: int, frames: int) -> None:
        assert 2 <= 1 + Stills(rate, frames).count <= MOST_TILES

    def test_the_sheet_slides_so_that_it_is_there_from_the_first_still_on(self) -> None:
        chains = Stills(30, 900).chains("frames", "bumper", 0)
        assert "tile=10x4:nb_frames=31:overlap=30:init_padding=30,setpts=N*30/30/TB[sprite]" in chains[-1]


class TestThumbnails:
    def test_each_second_shows_its_own_tile_and_bumpers_the_first(self) -> None:
        assert Stills(30, 75).vtt(75) == (
            "WEBVTT\n\n"
            "00:00:00.000 --> 00:00:02.500\nsprite#xywh=0,0,160,90\n\n"
            "00:00:02.500 --> 00:00:03.500\nsprite#xywh=160,0,160,90\n\n"
            "00:00:03.500 --> 00:00:04.500\nsprite#xywh=320,0,160,90\n\n"
            "00:00:04.500 --> 00:00:05.000\nsprite#xywh=480,0,160,90\n\n"
            "00:00:05.000 --> 00:00:07.500\nsprite#xywh=0,0,160,90\n"
        )

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(rate=st.sampled_from([24, 25, 30]), frames=st.integers(1, 9000), bumper=st.integers(1, 75))
    def test_cues_follow_each_other_without_a_gap_and_lie_on_the_sheet(
        self, rate: int, frames: int, bumper: int
    ) -> None:
        stills = Stills(rate, frames)
        cues = [cue.split("\n") for cue in stills.vtt(bumper).strip().split("\n\n")[1:]]
        times = [tuple(time.split(" --> ")) for time, _ in cues]
        assert all(one[1] == other[0] for one, other in pairwise(times))
        assert times[-1][1] == f"00:{_minutes((frames + 2 * bumper) / rate)}"
        for _, place in cues:
            left, top, width, height = map(int, place.removeprefix("sprite#xywh=").split(","))
            assert (width, height) == (TILE_WIDTH, TILE_HEIGHT)
            assert left + width <= stills.sheet[0]
            assert top + height <= stills.sheet[1]

    def test_tiles_go_on_in_the_next_line(self) -> None:
        assert f"sprite#xywh=0,{TILE_HEIGHT},160,90" in Stills(30, 30 * COLUMNS).vtt(75)


def _minutes(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    return f"{thousandths // 60_000:02}:{thousandths // 1000 % 60:02}.{thousandths % 1000:03}"


class TestPoster:
    def test_the_sharper_of_two_is_shown(self) -> None:
        blurred, sharp = jpeg(1280, 720, 1000), jpeg(1280, 720, 3000)
        assert best([blurred, sharp, blurred], look(GREY) * 3) == sharp

    def test_one_in_the_light_is_shown_before_a_sharper_one_in_the_dark(self) -> None:
        dark, light = jpeg(1280, 720, 3000), jpeg(1280, 720, 2500)
        assert best([dark, light], look(DARK) + look(GREY)) == light

    @pytest.mark.parametrize("nothing", [look(BLACK), look(WHITE), look(BLACK, WHITE)])
    def test_where_nothing_can_be_seen_there_is_no_light(self, nothing: bytes) -> None:
        assert lit(nothing) == 0

    def test_light_is_best_in_the_middle_and_less_where_a_half_is_lost(self) -> None:
        assert lit(look(GREY)) == 1
        assert lit(look(GREY)) > lit(look(bytes([60]))) > lit(look(DARK)) > 0
        assert lit(look(GREY)) > lit(look(GREY, BLACK))

    def test_a_clip_in_the_dark_has_a_poster_too(self) -> None:
        only = jpeg(1280, 720, 10)
        assert best([only, only], look(BLACK) * 2) == only

    def test_pictures_written_behind_each_other_are_taken_apart(self) -> None:
        one, other = jpeg(1280, 720, 10), jpeg(1280, 720, 20)
        assert parted(one + other + one) == [one, other, one]
        assert parted(b"") == []
