"""What FFmpeg must do for a clip."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anb.media import hlg
from anb.media.picture import HEIGHT, WIDTH, fit
from anb.media.probe import read
from anb.media.recipe import RATES, Brand, Recipe, plan_edit, rate_for
from anb.settings import Limits
from support.fakes import GOOD_CLIP

GOOD = read(GOOD_CLIP)
LIMITS = Limits()


def recipe(limits: Limits = LIMITS, **changes: Any) -> Recipe:
    return plan_edit(replace(GOOD, **changes), limits, Brand.ours())


class TestRate:
    @pytest.mark.parametrize(
        ("found", "chosen"),
        [
            ("24000/1001", 24),
            ("24", 24),
            ("25", 25),
            ("30000/1001", 30),
            ("30", 30),
            ("50", 25),
            ("60000/1001", 30),
            ("60", 30),
            ("120", 30),
            ("90", 30),
            ("72", 24),
            ("144", 24),
            ("10", 30),
            ("100", 25),
            ("240", 30),
            ("15", 30),
            ("12", 24),
            ("1000/33", 30),  # what the milliseconds of a WebM make of 30
            ("28", 30),
            ("0", 30),  # a single frame has no rate
        ],
    )
    def test_a_rate_becomes_the_one_it_is_an_even_part_or_multiple_of(self, found: str, chosen: int) -> None:
        assert rate_for(Fraction(found)) == chosen

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(st.fractions(min_value=Fraction(1, 1000), max_value=100000))
    def test_any_rate_becomes_one_of_ours(self, rate: Fraction) -> None:
        assert rate_for(rate) in RATES


class TestLength:
    @pytest.mark.parametrize(
        ("seconds", "rate", "clip", "bumper"),
        [(22.0, 30, 660, 75), (60.0, 30, 900, 75), (30.0, 25, 750, 62), (29.99, 24, 720, 60), (20.04, 25, 501, 62)],
    )
    def test_frames_are_counted(self, seconds: float, rate: int, clip: int, bumper: int) -> None:
        made = recipe(duration=seconds, rate=Fraction(rate))
        assert (made.clip_frames, made.bumper_frames) == (clip, bumper)
        assert made.frames == clip + 2 * bumper
        assert made.duration == made.frames / rate

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(
        seconds=st.floats(19.9, 60.1),
        rate=st.fractions(min_value=1, max_value=240),
        clip=st.floats(1, 30),
        bumper=st.floats(0.1, 2.5),
    )
    def test_no_result_is_longer_than_the_rules_allow(
        self, seconds: float, rate: Fraction, clip: float, bumper: float
    ) -> None:
        limits = Limits(edit_clip_seconds=clip, edit_bumper_seconds=bumper)
        made = recipe(limits, duration=seconds, rate=rate)
        assert made.clip_frames >= 1
        assert made.duration <= clip + 2 * bumper + 1e-6


class TestFit:
    @pytest.mark.parametrize(
        ("width", "height", "size"),
        [
            (1920, 1080, (1280, 720)),
            (3840, 2160, (1280, 720)),
            (1920, 1088, (1280, 720)),  # a stretch of 0.7 % is invisible
            (1080, 1920, (404, 720)),
            (1440, 1080, (960, 720)),
            (1080, 1080, (720, 720)),
            (2560, 1080, (1280, 540)),
        ],
    )
    def test_the_whole_picture_is_kept(self, width: int, height: int, size: tuple[int, int]) -> None:
        found = fit(replace(GOOD, coded_width=width, coded_height=height))
        assert (found.width, found.height) == size

    @settings(deadline=None)  # a busy machine must not fail the test
    @given(width=st.integers(1080, 8192), height=st.integers(1080, 8192))
    def test_a_fit_touches_two_edges_and_keeps_the_shape(self, width: int, height: int) -> None:
        found = fit(replace(GOOD, coded_width=width, coded_height=height))
        assert found.width == WIDTH or found.height == HEIGHT
        assert found.width <= WIDTH
        assert found.height <= HEIGHT
        assert found.width % 4 == found.height % 4 == 0
        assert abs(found.width / found.height / (width / height) - 1) < 0.025

    def test_an_absurd_shape_still_has_pixels(self) -> None:
        assert fit(replace(GOOD, coded_width=8192, coded_height=1)).height == 4
        assert fit(replace(GOOD, coded_width=1, coded_height=8192)).width == 4

    def test_what_does_not_fill_the_frame_lies_over_a_blur_of_itself(self) -> None:
        assert "gblur" not in recipe().graph
        assert "gblur" in recipe(rotation=90).graph


class TestColours:
    def test_a_picture_like_ours_is_only_scaled(self) -> None:
        assert "zscale" not in recipe().graph
        assert "zscale" not in recipe(primaries=None, transfer=None, matrix=None, range=None).graph

    @pytest.mark.parametrize(
        ("changes", "tags"),
        [
            ({"matrix": "bt470bg", "primaries": "bt470bg", "transfer": "smpte170m"}, "colorspace=bt470bg"),
            ({"range": "pc"}, "range=pc"),
            ({"range": None, "pixels": "yuvj420p"}, "range=pc"),
            ({"matrix": None, "coded_width": 720, "coded_height": 576}, "colorspace=smpte170m"),
            ({"primaries": "smpte432"}, "color_primaries=smpte432"),
        ],
    )
    def test_other_colours_are_named_and_converted(self, changes: dict[str, Any], tags: str) -> None:
        graph = recipe(**changes).graph
        assert tags in graph.partition("zscale")[0]
        assert "m=bt709:t=bt709:p=bt709:r=tv" in graph

    def test_hdr_is_scaled_first_then_tone_mapped(self) -> None:
        graph = recipe(transfer="smpte2084", primaries=None, matrix=None, bits=10).graph
        places = [graph.index(word) for word in ("colorspace=bt2020nc", "scale=1280", "t=linear", "tonemap", "m=bt709")]
        assert places == sorted(places)

    def test_hlg_is_scaled_first_then_looked_up_whatever_folder_the_table_lies_in(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hlg, "TABLE", Path("/it's, [an] odd: place;/hlg.cube"))
        graph = recipe(transfer="arib-std-b67", primaries=None, matrix=None, bits=10).graph
        table = r"lut3d=file=/it\\\'s\, \[an\] odd\\: place\;/hlg.cube"
        places = [graph.index(word) for word in ("colorspace=bt2020nc", "scale=1280", table, "out_color_matrix=bt709")]
        assert places == sorted(places)

    def test_hlg_of_other_primaries_is_tone_mapped_step_by_step(self) -> None:
        assert "tonemap" in recipe(transfer="arib-std-b67", primaries="smpte432", bits=10).graph

    @pytest.mark.parametrize(
        ("nits", "peak"), [(None, "peak=4.926"), (406.0, "peak=2.000"), (10000.0, "peak=19.704"), (100.0, "peak=1.000")]
    )
    def test_the_light_of_a_master_is_taken_from_the_probe_within_reason(self, nits: float | None, peak: str) -> None:
        assert peak in recipe(transfer="smpte2084", peak_nits=nits).graph

    def test_fields_are_woven_before_the_rate_changes(self) -> None:
        graph = recipe(field_order="top").graph
        assert graph.index("bwdif") < graph.index("fps=")
        assert "deint" not in graph  # no frame declares itself interlaced: all are deinterlaced

    def test_frames_that_have_flags_are_woven_each_by_its_own(self) -> None:
        assert "bwdif=mode=send_frame:deint=interlaced" in recipe().graph  # a later frame may be interlaced
        assert "bwdif=mode=send_frame:deint=interlaced" in recipe(interlaced=True, field_order="top").graph
        assert "bwdif" not in recipe(codec="vp9").graph

    @pytest.mark.parametrize("matrix", ["gbr", None])
    def test_a_matrix_that_cannot_be_is_taken_as_players_take_it(self, matrix: str | None) -> None:
        graph = recipe(matrix=matrix).graph
        assert "colorspace=bt709" in graph
        assert "zscale" not in graph

    def test_rgb_that_is_rgb_stays_so(self) -> None:
        assert "colorspace=gbr" in recipe(matrix="gbr", pixels="gbrp").graph

    def test_sizes_that_chroma_does_not_divide_are_scaled_before_zscale(self) -> None:
        graph = recipe(matrix="smpte170m", coded_width=1919, coded_height=1081).graph
        assert graph.index("scale=1280:720") < graph.index("zscale=m=")


class TestJoining:
    @pytest.mark.parametrize(
        ("seconds", "rate", "bumper", "joinable"),
        [(22.0, 30, 2.5, True), (30.0, 24, 2.5, True), (661 / 30, 30, 2.5, False), (22.0, 30, 61 / 30, False)],
    )
    def test_parts_that_end_in_a_keyframe_are_not_joined(
        self, seconds: float, rate: int, bumper: float, joinable: bool
    ) -> None:
        made = recipe(Limits(edit_bumper_seconds=bumper), duration=seconds, rate=Fraction(rate))
        assert made.joinable is joinable

    def test_a_bumper_too_short_for_a_frame_has_one(self) -> None:
        assert recipe(Limits(edit_bumper_seconds=0.01)).bumper_frames == 1

    def test_what_is_joined_later_has_no_bumpers_and_all_else(self) -> None:
        whole, clip = recipe().graph, recipe().clip_graph
        outputs = ["processed", "light", "posters", "looks", "sprite"]
        assert all(f"[{name}]" in graph for graph in (whole, clip) for name in outputs)
        assert "[opening][clip][closing]concat" in whole
        assert "fade" not in clip

    def test_stills_are_of_the_clip_alone(self) -> None:
        assert "select='gte(n\\,75)*lt(n\\,735)*not(mod(n-75\\,30))'" in recipe().graph
        assert "select='gte(n\\,0)*lt(n\\,660)*not(mod(n-0\\,30))'" in recipe().clip_graph


class TestRanges:
    @pytest.mark.parametrize("graph", [recipe().graph, recipe().clip_graph, recipe().bumper_graph])
    def test_moving_pictures_end_in_a_format_of_their_own(self, graph: str) -> None:
        """Otherwise the outputs that are JPEGs turn them to full range."""
        last = next(chain for chain in graph.split(";") if chain.endswith("[light]"))
        assert "format=yuv420p,setsar=1,setparams=range=tv" in last

    def test_each_jpeg_converts_for_itself(self) -> None:
        chains = [chain for chain in recipe().clip_graph.split(";") if "range=pc" in chain and "gray" not in chain]
        assert len(chains) == 3
        assert all("out_range=pc:out_color_matrix=bt601" in chain for chain in chains)


class TestBrand:
    def test_the_pictures_of_the_house_were_rendered(self) -> None:
        ours = Brand.ours()
        for path in (ours.watermark, ours.bumper):
            assert path.read_bytes().startswith(b"\x89PNG")

    def test_the_stream_is_the_probes(self) -> None:
        assert recipe(index=2).graph.startswith("[0:2]")
