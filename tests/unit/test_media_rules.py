"""The contest's rules for a clip, at their limits, and what a player reads."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anb.errors import Refusal
from anb.media import rules
from anb.media.probe import FormatChange, FrameFormat, read
from anb.media.unreadable import CutOff
from anb.settings import Limits
from support.fakes import GOOD_CLIP

GOOD = read(GOOD_CLIP)
LIMITS = Limits()


def refusal(**changes: Any) -> Refusal | None:
    try:
        rules.judge(replace(GOOD, **changes), LIMITS)
    except Refusal as refused:
        return refused
    return None


class TestJudge:
    @pytest.mark.parametrize("codec", ["h264", "hevc", "vp8", "vp9", "av1"])
    @pytest.mark.parametrize("container", ["mp4", "mov", "webm", "mkv"])
    def test_what_phones_and_browsers_record_passes(self, codec: str, container: str) -> None:
        assert refusal(codec=codec, container=container) is None

    @pytest.mark.parametrize(
        ("seconds", "refused"),
        [
            (19.9, rules.TooShort),
            (19.96, None),  # a recorder stopped at 20 s may have written a little less
            (20.0, None),
            (60.0, None),
            (60.04, None),
            (60.1, rules.TooLong),
        ],
    )
    def test_a_clip_lasts_20_to_60_seconds_give_or_take_a_frame(
        self, seconds: float, refused: type[Refusal] | None
    ) -> None:
        assert type(refusal(duration=seconds)) is (refused or type(None))

    @pytest.mark.parametrize(
        ("width", "height", "refused"),
        [
            (1920, 1080, None),
            (1080, 1920, None),
            (1080, 1080, None),
            (1920, 1079, rules.TooSmall),
            (1079, 1920, rules.TooSmall),
            (8192, 4320, None),
            (8193, 4320, rules.TooWide),
            (4320, 8193, rules.TooWide),
        ],
    )
    def test_the_shorter_side_has_1080_pixels_and_the_longer_at_most_8192(
        self, width: int, height: int, refused: type[Refusal] | None
    ) -> None:
        assert type(refusal(coded_width=width, coded_height=height)) is (refused or type(None))

    def test_narrow_pixels_do_not_hide_a_coded_size_that_would_hurt_the_worker(self) -> None:
        wide = refusal(coded_width=16000, sar=Fraction(1, 8))
        assert isinstance(wide, rules.TooWide)
        assert "16000 por 1080" in wide.text("es")  # not the 2000 that people would see

    def test_a_file_of_sound_alone(self) -> None:
        assert isinstance(refusal(codec=None), rules.NoPicture)

    def test_a_codec_nobody_records_in(self) -> None:
        assert isinstance(refusal(codec="prores"), rules.UnsupportedCodec)

    def test_every_picture_is_measured_not_the_first_alone(self) -> None:
        tiny = FrameFormat(coded_width=64, coded_height=36)
        assert isinstance(refusal(changes=(FormatChange(Fraction(1, 30), tiny),)), rules.TooSmall)

    def test_what_the_container_hides_does_not_count(self) -> None:
        assert isinstance(refusal(crop=(320, 180, 320, 180)), rules.TooSmall)

    def test_dolby_vision_that_nothing_else_shows_is_refused_by_its_name(self) -> None:
        alone = refusal(codec="hevc", dolby_vision=(5, 0))
        assert alone is not None
        assert "Dolby Vision perfil 5" in alone.text("es")
        assert refusal(codec="hevc", dolby_vision=(8, 4)) is None  # its base is HLG

    def test_two_recordings_in_one_file_are_told_with_the_second_of_the_joint(self) -> None:
        joined = refusal(begins_again=31.5)
        assert joined is not None
        assert "31,5" in joined.text("es")

    @pytest.mark.parametrize(("rate", "refused"), [(250, None), (251, rules.RateTooHigh), (3000, rules.RateTooHigh)])
    def test_no_phone_records_more_than_240_frames_a_second(self, rate: int, refused: type[Refusal] | None) -> None:
        assert type(refusal(average_rate=Fraction(rate))) is (refused or type(None))

    @pytest.mark.parametrize(
        ("width", "height", "rate", "most"),
        [
            (3840, 2160, 120, None),
            (3840, 2160, 145, 144),
            (2160, 3840, 240, 144),
            (7680, 4320, 30, None),
            (7680, 4320, 60, 36),
        ],
    )
    def test_of_large_pictures_there_may_be_fewer_a_second(
        self, width: int, height: int, rate: int, most: int | None
    ) -> None:
        found = refusal(coded_width=width, coded_height=height, average_rate=Fraction(rate))
        assert (found and found.fields) == (most and {"rate": rate, "width": width, "height": height, "most": most})

    def test_a_damaged_beginning_is_forgiven_where_enough_is_left(self) -> None:
        assert refusal(lost=3.2, duration=22.0) is None
        left = refusal(lost=3.2, duration=17.0)
        assert left is not None
        assert "dañado al comienzo (3,2 s)" in left.text("es")
        assert "17 s" in left.text("es")

    def test_a_file_that_lost_its_end(self) -> None:
        assert isinstance(refusal(whole=False), CutOff)

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(seconds=st.floats(0, 1e6), least=st.floats(1, 50), most=st.floats(50, 100))
    def test_every_limit_is_a_setting(self, seconds: float, least: float, most: float) -> None:
        limits = Limits(clip_min_seconds=least, clip_max_seconds=most)
        accepted = least - rules.TOLERANCE_SECONDS <= seconds <= most + rules.TOLERANCE_SECONDS
        try:
            rules.judge(replace(GOOD, duration=seconds), limits)
        except (rules.TooShort, rules.TooLong):
            assert not accepted
        else:
            assert accepted


class TestWords:
    def test_a_player_reads_the_rule_and_the_value_found(self) -> None:
        short = refusal(duration=18.4)
        assert short is not None
        assert short.text("es") == "Tu video dura 18,4 s; sube uno de 20 a 60 s."
        assert short.text("en") == "Your video lasts 18.4 s; upload one of 20 to 60 s."

    def test_a_size_is_told_as_people_see_it(self) -> None:
        small = refusal(coded_width=1280, coded_height=720, rotation=90)
        assert small is not None
        assert "720 por 1280" in small.text("es")
        assert "1080" in small.text("en")

    def test_an_unknown_codec_is_named(self) -> None:
        unknown = refusal(codec="prores")
        assert unknown is not None
        assert "ProRes" in unknown.text("es")

    def test_a_codec_that_nobody_knows_is_said_so_in_both_languages(self) -> None:
        unknown = refusal(codec="unknown")
        assert unknown is not None
        assert "viene en un formato que no conocemos;" in unknown.text("es")
        assert "is coded in a format that we do not know;" in unknown.text("en")

    @pytest.mark.parametrize("refused", rules.REFUSALS)
    def test_every_refusal_is_a_400_with_a_code_of_its_own(self, refused: type[Refusal]) -> None:
        assert refused.status == 400
        assert [other.code for other in rules.REFUSALS].count(refused.code) == 1
        assert refused.pattern("es") != refused.pattern("en")
