"""How the original is read, and how pictures that change in the middle of a clip are fitted separately."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from anb.media.probe import FormatChange, FrameFormat, read
from anb.media.recipe import Brand, Recipe, plan_edit
from anb.settings import Limits
from support.fakes import GOOD_CLIP

GOOD = read(GOOD_CLIP)


def recipe(**changes: Any) -> Recipe:
    return plan_edit(replace(GOOD, **changes), Limits(), Brand.ours())


class TestReading:
    def test_we_crop_and_turn_ourselves(self) -> None:
        read = recipe(crop=(0, 180, 0, 180), coded_height=1440, rotation=90).read
        assert read == ("-noautorotate", "-apply_cropping:v", "codec", "-flags", "+unaligned")
        graph = recipe(crop=(0, 180, 0, 180), coded_height=1440, rotation=90).graph
        places = [graph.index(word) for word in ("crop=1920:1080:0:180", "scale=720:404", "transpose=clock")]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("rotation", "mirrored", "turns"),
        [
            (0, True, "hflip,format"),
            (180, False, "hflip,vflip,format"),
            (270, True, "transpose=cclock,hflip,format"),
        ],
    )
    def test_each_turn_has_its_filters(self, rotation: int, mirrored: bool, turns: str) -> None:
        assert turns in recipe(rotation=rotation, mirrored=mirrored).graph

    def test_times_are_believed_where_all_pictures_are_shown_a_day_after_they_are_decoded(self) -> None:
        assert "-dts_error_threshold" in recipe(delay=139_810.0).read
        assert "-dts_error_threshold" not in recipe(delay=5.0).read

    def test_an_edit_list_that_means_everything_is_ignored(self) -> None:
        assert recipe(ignore_edit_list=True).read[-2:] == ("-ignore_editlist", "1")

    @pytest.mark.parametrize("codec", ["h264", "hevc"])
    def test_a_turn_told_twice_is_made_once(self, codec: str) -> None:
        assert "-bsf:v" in recipe(turns_told=2, codec=codec).read
        assert "-bsf:v" not in recipe(turns_told=1, codec=codec).read

    @pytest.mark.parametrize("codec", ["h264", "hevc"])
    def test_full_range_that_changes_midway_is_read_as_limited_and_told_to_each_part(self, codec: str) -> None:
        later = (
            FormatChange(Fraction(1), FrameFormat(coded_width=1920, coded_height=1080, pixels="yuv420p", range="tv")),
        )
        full = {"codec": codec, "pixels": "yuvj420p", "range": "pc"}
        changing = recipe(**full, changes=later)
        assert changing.read[-2:] == ("-bsf:v", f"{codec}_metadata=video_full_range_flag=0")
        assert [f"setparams=range={reach}" in changing.graph for reach in ("pc", "tv")] == [True, True]
        assert "-bsf:v" not in recipe(**full).read
        assert recipe(**full, changes=later, turns_told=2).read.count("-bsf:v") == 1


class TestChanges:
    def later(self, at: Fraction, **changes: Any) -> FormatChange:
        seen = FrameFormat(coded_width=1080, coded_height=1920, pixels="yuv420p", matrix="bt709", range="tv")
        return FormatChange(at, replace(seen, **changes))

    def test_each_part_is_fitted_by_itself_and_begins_at_its_frame(self) -> None:
        graph = recipe(changes=(self.later(Fraction(1)), self.later(Fraction(2), matrix="smpte170m"))).graph
        assert "split=3[format0][format1][format2]" in graph
        assert "[format0]trim=start_frame=0:end_frame=30," in graph
        assert "[format1]trim=start_frame=30:end_frame=60," in graph
        assert "[format2]trim=start_frame=60," in graph
        assert "concat=n=3:v=1:a=0[framed]" in graph

    def test_what_changes_after_the_end_of_the_edit_is_nobodys_concern(self) -> None:
        assert "split=2[format" not in recipe(changes=(self.later(Fraction(40)),), duration=50.0).graph

    def test_changes_of_one_moment_leave_a_frame_to_each(self) -> None:
        graph = recipe(changes=(self.later(Fraction(1)), self.later(Fraction(1)))).graph
        assert "[format1]trim=start_frame=30:end_frame=31," in graph

    def test_a_part_that_holds_two_moments_a_frame_is_woven(self) -> None:
        graph = recipe(changes=(self.later(Fraction(1), interlaced=True),)).graph
        assert graph.count("bwdif") == 1
        assert graph.index("[format1]trim") < graph.index("bwdif")
