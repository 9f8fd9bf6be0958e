"""An edit that starts later than its clip: the remaining facts, the rule, and FFmpeg's arguments."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Refusal
from anb.media import ffmpeg_commands, rules
from anb.media.clip_part import after_start
from anb.media.probe import FormatChange, FrameFormat, Probe, read
from anb.media.recipe import Brand, Recipe, plan_edit
from anb.media.start import Start
from anb.settings import Limits
from support.fakes import GOOD_CLIP

GOOD = replace(read(GOOD_CLIP), duration=60.0)
UPRIGHT = FrameFormat(coded_width=1080, coded_height=1920, pixels="yuv420p", matrix="bt709", range="tv")
FULL = FrameFormat(coded_width=1920, coded_height=1080, pixels="yuvj420p", range="pc")


def start(at: float, seek: float | None = None, clock: float = 0) -> Start:
    moment = Fraction(at)
    sought, before = (None, moment) if seek is None else (Fraction(seek), moment + Fraction(clock) - Fraction(seek))
    return Start(at, moment, moment + Fraction(clock), sought, before)


def clip(**changes: Any) -> Probe:
    return replace(GOOD, **changes)


def recipe(**changes: Any) -> Recipe:
    return plan_edit(clip(**changes), Limits(), Brand.ours())


class TestPart:
    def test_a_clip_without_a_start_is_left_as_it_is(self) -> None:
        assert after_start(GOOD) == GOOD

    def test_a_start_within_the_first_picture_is_no_start(self) -> None:
        assert after_start(clip(start=start(0))) == GOOD

    def test_what_is_left_is_shorter(self) -> None:
        assert after_start(clip(start=start(12.5))).duration == 47.5

    def test_a_change_after_the_start_comes_so_much_earlier(self) -> None:
        left = after_start(clip(start=start(12.5), changes=(FormatChange(Fraction(20), UPRIGHT),)))
        assert left.changes == (FormatChange(Fraction("7.5"), UPRIGHT),)
        assert (left.width, left.height, left.passed) == (1920, 1080, ())

    @pytest.mark.parametrize("at", [12.5, 20])
    def test_pictures_are_what_they_became_by_the_start(self, at: float) -> None:
        changes = (
            FormatChange(Fraction(5), FULL),
            FormatChange(Fraction("12.5"), UPRIGHT),
            FormatChange(Fraction(30), FULL),
        )
        left = after_start(clip(start=start(at), changes=changes))
        assert (left.width, left.height) == (1080, 1920)
        assert left.formats == (left, FULL)
        assert [(each.width, each.pixels) for each in left.passed] == [(1920, "yuv420p"), (1920, "yuvj420p")]

    def test_nothing_is_left_after_the_end(self) -> None:
        assert after_start(clip(start=start(61))).duration == 0


class TestRule:
    def refusal(self, wanted: float, **limits: float) -> Refusal | None:
        try:
            rules.judge(clip(start=start(wanted)), Limits(**limits))  # type: ignore[arg-type]
        except Refusal as refused:
            return refused
        return None

    @pytest.mark.parametrize("wanted", [0.01, 12.5, 40, 40.04])
    def test_what_is_left_must_be_as_long_as_a_clip(self, wanted: float) -> None:
        assert self.refusal(wanted) is None

    def test_a_later_start_is_refused_with_what_was_found_and_what_may_be(self) -> None:
        refused = self.refusal(40.5)
        assert isinstance(refused, rules.StartTooLate)
        assert refused.text("es") == (
            "Elegiste empezar en el segundo 40,5 de un video de 60 s; "
            "elige un comienzo de 0 a 40 s, para que queden al menos 20 s."
        )
        assert refused.text("en") == (
            "You chose to start at 40.5 s of a video of 60 s; choose a start from 0 to 40 s, "
            "so that at least 20 s are left."
        )

    def test_where_an_edit_is_shorter_than_a_clip_must_be_as_much_as_an_edit_holds_is_enough(self) -> None:
        assert self.refusal(50, edit_clip_seconds=10) is None
        assert isinstance(self.refusal(50.1, edit_clip_seconds=10), rules.StartTooLate)

    def test_a_clip_that_is_too_short_is_refused_for_that(self) -> None:
        with pytest.raises(rules.TooShort):
            rules.judge(clip(duration=10.0, start=start(5)), Limits())


class TestRecipe:
    def test_a_clip_without_a_start_is_made_as_ever(self) -> None:
        made = recipe()
        assert "-copyts" not in made.read
        assert "select='gte(t" not in made.graph
        assert made == recipe(start=start(0))
        assert made.unsought is None

    def test_ffmpeg_seeks_by_the_clock_of_the_file_and_begins_with_the_very_picture(self) -> None:
        made = recipe(start=start(12.5, seek=11.5 + 3600, clock=3600))
        assert made.read[-6:] == ("-copyts", "-seek_timestamp", "1", "-noaccurate_seek", "-ss", "3611.500000")
        assert "[0:0]select='gte(t,3612.499999)*lte(st(0,if(n,ld(0),t)),3612.500001)'," in made.graph

    def test_where_it_cannot_seek_all_pictures_before_are_dropped(self) -> None:
        made = recipe(start=start(12.5, clock=-20))
        assert "-ss" not in made.read
        assert "[0:0]select='gte(t,-7.500001)'," in made.graph

    def test_a_recipe_that_seeks_knows_how_to_do_without(self) -> None:
        assert recipe(start=start(12.5, seek=11.5)).unsought == recipe(start=start(12.5))

    def test_what_is_left_decides_how_long_an_edit_is(self) -> None:
        assert recipe(start=start(12.5)).clip_frames == 900
        assert recipe(start=start(40)).clip_frames == 600

    def test_pictures_before_the_start_count_as_read(self) -> None:
        arguments = ffmpeg_commands.clip(recipe(start=start(12.5)), Path("/in"), Path("/out")).arguments
        assert arguments[arguments.index("-t") + 1] == "52.500"

    def test_pictures_of_another_form_before_the_start_have_no_part_in_the_frame(self) -> None:
        made = recipe(start=start(12.5), changes=(FormatChange(Fraction(5), UPRIGHT),))
        assert "split=1[format0]" in made.graph
        assert "scale=1080:1920" in made.graph
        assert "bwdif" not in made.graph

    def test_full_range_before_the_start_is_read_as_limited(self) -> None:
        made = recipe(start=start(12.5), pixels="yuvj420p", changes=(FormatChange(Fraction(5), UPRIGHT),))
        assert made.read[-2:] == ("-bsf:v", "h264_metadata=video_full_range_flag=0")
