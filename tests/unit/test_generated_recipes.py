"""Recipes of generated clips: which exist, what they mean, and how a failing one is reduced."""

import random
from fractions import Fraction

import pytest
from verify.clips import cost, covering, drawing, model
from verify.clips.properties import DEFAULTS, ClipRecipe, possible
from verify.clips.shrinking import shrunk


def parse(line: str) -> ClipRecipe:
    return ClipRecipe.parse(line)


class TestRecipes:
    def test_a_line_makes_the_same_recipe_again(self) -> None:
        for recipe in covering.by_chance(3, 20):
            assert ClipRecipe.parse(str(recipe)) == recipe

    @pytest.mark.parametrize(
        "line", ["codec=vp8", "size=641x361", "container=webm codec=h264", "container=mov codec=av1", "colour=red"]
    )
    def test_what_cannot_be_made_is_said(self, line: str) -> None:
        with pytest.raises(ValueError, match=r"cannot be made|not a property"):
            parse(line)

    def test_the_same_seed_chooses_the_same_clips(self) -> None:
        assert covering.by_chance(7, 5) == covering.by_chance(7, 5) != covering.by_chance(8, 5)

    def test_what_is_left_open_is_completed_to_a_clip_that_can_be_made(self) -> None:
        values = covering.completed({"change": "size", "codec": "vp8"}, random.Random(1))
        assert values is not None
        assert possible(values)
        assert values["container"] in {"webm", "webm-live", "mkv"}

    def test_what_is_kept_is_chosen_again_and_only_what_lacks_is_added(self) -> None:
        kept = covering.sample()[5:]
        chosen = covering.covering(1, kept)
        assert chosen[: len(kept)] == kept
        assert covering.missing(chosen) == set()

    def test_what_contradicts_itself_is_completed_to_nothing(self) -> None:
        assert covering.completed({"damage": "cut", "container": "webm"}, random.Random(1)) is None


def test_every_pair_that_can_meet_meets_in_the_sample() -> None:
    assert covering.missing(covering.sample()) == set()


class TestMeaning:
    @pytest.mark.parametrize(
        ("rate", "edit"),
        [("24", 24), ("25", 25), ("29.97", 30), ("60", 30), ("12.5", 25), ("10", 30), ("90", 30), ("30", 30)],
    )
    def test_the_edit_takes_the_rate_that_goes_evenly(self, rate: str, edit: int) -> None:
        assert model.edit_rate(model.own_rate(ClipRecipe.of({"rate": rate}))) == edit

    def test_a_turned_picture_of_wide_pixels_is_upright(self) -> None:
        (part,) = model.expected(parse("sar=4/3 size=480x360 turn=90")).parts
        assert (part.width, part.height, part.shape) == (360, 480, Fraction(9, 16))

    def test_what_the_numbers_stand_for_is_known_of_each_part_and_of_how_many_bits(self) -> None:
        expected = model.expected(parse("container=mkv told=stream change=range pixels=yuv420p10le"))
        assert [part.look.range for part in expected.parts] == ["tv", "pc"]
        assert expected.bits == 10

    def test_lost_pictures_are_not_shown_and_the_next_is_the_first(self) -> None:
        assert model.expected(parse("first=lost")).shown[0] == (Fraction(0), 12)

    def test_an_edit_list_shows_from_its_picture_on(self) -> None:
        assert model.expected(parse("edit_list=later")).shown[0] == (Fraction(0), 8)

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("size=480x270", "resolution-too-low"),
            ("damage=cut", "clip-cut-off"),
            ("damage=cut size=480x270", "clip-cut-off"),
            ("container=fragments damage=joined", "two-recordings"),
            ("codec=hevc", None),
        ],
    )
    def test_what_cannot_be_shown_is_refused_for_the_first_rule_it_breaks(self, line: str, code: str | None) -> None:
        assert model.expected(parse(line)).refused == code

    def test_what_tells_no_colours_has_those_of_its_size(self) -> None:
        assert model.look(parse("told=neither")).matrix == "smpte170m"
        assert model.look(parse("told=neither size=1040x584")).matrix == "bt709"


def test_the_picture_that_damage_takes_is_one_that_stands_in_one_place() -> None:
    again = b"\x12\0\x1a"  # of AV1: show a picture that was decoded before
    assert drawing.largest([again, bytes(range(90)), again]) == bytes(range(90))


class TestShrinking:
    def test_what_does_not_matter_is_left_out(self) -> None:
        recipe = parse("container=mov codec=hevc rate=60 turn=90 tracks=sound")
        small = shrunk(recipe, lambda each: each.rate == "60" and each.turn == "90")
        assert str(small) == "rate=60 turn=90"

    def test_what_cannot_stand_alone_stays(self) -> None:
        recipe = parse("container=webm codec=vp9 size=641x361 tracks=sound")
        small = shrunk(recipe, lambda each: each.size == "641x361")
        assert possible(small.values)
        assert small.tracks == DEFAULTS["tracks"]


class TestCost:
    def test_what_makes_a_clip_expensive_comes_first(self) -> None:
        recipe = parse("codec=hevc rate=60 turn=90")
        found = cost.without(recipe, lambda each: 2.0 + 3 * (each.codec == "hevc") + (each.rate == "60"))
        assert found == {"codec=hevc": 3.0, "rate=60": 5.0, "turn=90": 6.0}

    def test_what_is_not_edited_without_it_explains_nothing(self) -> None:
        assert cost.without(parse("codec=hevc"), lambda _: 0.0) == {}
