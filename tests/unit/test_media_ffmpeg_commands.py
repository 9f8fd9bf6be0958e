"""FFmpeg's arguments."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.media import ffmpeg_commands
from anb.media.ffmpeg_commands import FfmpegRun
from anb.media.probe import read
from anb.media.recipe import EDIT, LIGHT, Brand, Encoding, Recipe, plan_edit
from anb.media.renditions import POSTERS, Rendition
from anb.settings import Limits
from support.fakes import GOOD_CLIP

ORIGINAL, FOLDER = Path("/share/originals/a b/clip.mp4"), Path("/work/100%/results")
POSTER = Path("/work/100%/poster.jpg")
CODED_ALIKE = ["-preset", "-crf", "-maxrate", "-bufsize", "-profile:v", "-level:v", "-pix_fmt", "-g", "-keyint_min"]
CODED_ALIKE += ["-sc_threshold", "-flags:v", "-x264-params", "-bsf:v", "-video_track_timescale", "-write_btrt", "-r"]


def recipe(encoding: Encoding = EDIT, light: Encoding = LIGHT, **changes: Any) -> Recipe:
    return plan_edit(replace(read(GOOD_CLIP), **changes), Limits(), Brand.ours(), encoding, light)


def every_order() -> list[FfmpegRun]:
    made = recipe()
    return [
        ffmpeg_commands.clip(made, ORIGINAL, FOLDER),
        ffmpeg_commands.whole(made, ORIGINAL, FOLDER),
        ffmpeg_commands.bumper(made, FOLDER),
        ffmpeg_commands.join(made, FOLDER),
        ffmpeg_commands.posters(made, POSTER, FOLDER),
    ]


def clip(**changes: Any) -> list[str]:
    return ffmpeg_commands.clip(recipe(**changes), ORIGINAL, FOLDER).arguments


def after(option: str, of: list[str]) -> list[str]:
    return [of[place + 1] for place, word in enumerate(of) if word == option]


class TestInputs:
    def test_each_is_held_to_one_demuxer_one_decoder_and_local_files(self) -> None:
        words = clip()
        assert words[0] == "-nostdin"
        assert after("-format_whitelist", words) == ["mov", "png_pipe", "png_pipe"]
        assert after("-codec_whitelist", words) == ["h264", "png", "png"]
        assert after("-protocol_whitelist", words) == ["file"] * 3
        assert after("-f", words) == ["mov", "png_pipe", "png_pipe", "mp4", "mp4", "mjpeg", "rawvideo", "image2"]

    @pytest.mark.parametrize(("codec", "decoder"), [("hevc", "hevc"), ("av1", "libdav1d"), ("vp9", "vp9")])
    def test_the_decoder_is_the_probes(self, codec: str, decoder: str) -> None:
        assert after("-c:v", clip(codec=codec))[0] == decoder

    @pytest.mark.parametrize("order", every_order())
    def test_what_is_named_is_declared_and_cannot_be_taken_for_an_option_or_protocol(self, order: FfmpegRun) -> None:
        for option, named in zip(["", *order.arguments], order.arguments, strict=False):
            if option == "-i" or "/" in named.removeprefix("file:")[:1]:
                path = Path(named.removeprefix("file:"))
                assert named == f"file:{path}"
                assert path.is_absolute()
                assert path in order.reads or path.parent == order.writes

    def test_the_original_is_opened_once_for_everything(self) -> None:
        assert after("-i", clip())[0] == f"file:{ORIGINAL}"
        assert clip().count(f"file:{ORIGINAL}") == 1


class TestOutputs:
    def test_all_renditions_leave_one_run(self) -> None:
        words = clip()
        assert after("-map", words) == ["[processed]", "[light]", "[posters]", "[looks]", "[sprite]"]
        made = {Path(word).name for word in words if word.startswith(f"file:{FOLDER}/")}
        assert made == {"clip-processed.mp4", "clip-light.mp4", "posters.mjpeg", "looks.gray", "sprite.jpg"}

    def test_only_pictures_leave_and_nothing_of_the_phone(self) -> None:
        output = clip()[clip().index("-filter_complex") :]
        assert output.count("-an") == output.count("-sn") == output.count("-dn") == 2
        assert after("-map_metadata", output) == ["-1"] * 5

    def test_keyframes_come_every_two_seconds(self) -> None:
        words = clip(rate=Fraction(25))
        assert after("-g", words) == after("-keyint_min", words) == ["50", "50"]

    def test_each_encoding_has_a_cap_of_its_own(self) -> None:
        words = clip()
        assert after("-maxrate", words) == ["6000k", "800k"]
        assert after("-bufsize", words) == ["12000k", "1600k"]
        assert after("-level:v", words) == ["4.0", "3.0"]

    def test_an_encoding_is_a_value(self) -> None:
        words = clip(encoding=Encoding(preset="fast", crf=21, threads=1), light=replace(LIGHT, crf=30))
        assert after("-preset", words) == ["fast", "veryfast"]
        assert after("-crf", words) == ["21", "30"]
        assert after("-threads", words) == ["1", "1", "0"]

    def test_what_people_load_starts_fast_and_what_is_joined_later_need_not(self) -> None:
        fast = [order.arguments.count("+faststart") for order in every_order()]
        assert fast == [0, 2, 0, 2, 0]

    def test_smaller_posters_are_made_of_the_poster_alone_and_each_has_its_size(self) -> None:
        words = every_order()[-1].arguments
        assert after("-i", words) == [f"file:{POSTER}"]
        assert after("-codec_whitelist", words) == ["mjpeg"]
        (graph,) = after("-filter_complex", words)
        assert re.findall(r"scale=(\d+:\d+)", graph) == ["320:180", "640:360", "960:540", "640:360"]
        assert after("-c:v", words)[1:] == [*["libaom-av1"] * 3, "mjpeg"]
        assert [Path(word).name for word in words if word.startswith(f"file:{FOLDER}/")] == list(POSTERS)


class TestJoining:
    @pytest.mark.parametrize("option", CODED_ALIKE)
    def test_bumpers_are_coded_as_the_clip_is(self, option: str) -> None:
        made_clip, made_whole, bumper, *_ = every_order()
        values = after(option, bumper.arguments)
        assert len(values) == 2
        for made in (made_clip, made_whole):
            assert after(option, made.arguments)[:2] == values

    def test_the_join_has_no_codec(self) -> None:
        words = every_order()[3].arguments
        assert after("-c", words) == ["copy", "copy"]
        assert "-filter_complex" not in words
        assert after("-f", words) == ["concat", "concat", "mp4", "mp4"]

    def test_the_list_names_parts_beside_it_and_how_long_each_is(self) -> None:
        text = ffmpeg_commands.joints(recipe(duration=661 / 30), Rendition.LIGHT)
        assert text.splitlines() == [
            "ffconcat version 1.0",
            "file bumper-light.mp4",
            "duration 2.500000",
            "file clip-light.mp4",
            "duration 22.033333",
            "file bumper-light.mp4",
            "duration 2.500000",
        ]


class TestBudget:
    def test_it_grows_with_what_is_made(self) -> None:
        made_clip, made_whole, bumper, *_ = every_order()
        assert (made_clip.seconds, made_whole.seconds, bumper.seconds) == (22.0, 27.0, 2.5)
        assert made_clip.budget == 60 + 24 * 22
        assert bumper.budget < made_clip.budget < made_whole.budget

    def test_the_longest_fits_under_the_hard_limit(self) -> None:
        longest = ffmpeg_commands.whole(recipe(duration=60.0), ORIGINAL, FOLDER)
        assert longest.seconds == 35
        assert longest.budget <= 900
