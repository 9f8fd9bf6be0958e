"""What a clip holds, as people would see it."""

from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.media import probe
from support.fakes import GOOD_CLIP, FakeProber


def read(**changes: Any) -> probe.Probe:
    facts = deepcopy(GOOD_CLIP)
    facts["video"] |= changes
    return probe.read(facts)


ONE = 1 << 16  # in a display matrix
UPRIGHT = [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30]
TURNED = [0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30]
OVER = [-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30]
BACK = [0, -ONE, 0, ONE, 0, 0, 0, 0, 1 << 30]
MIRRORED = [-ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30]
MIRRORED_AND_TURNED = [0, ONE, 0, ONE, 0, 0, 0, 0, 1 << 30]


class TestRead:
    def test_the_facts_of_a_clip(self) -> None:
        facts = read()
        assert (facts.container, facts.codec, facts.duration, facts.frames) == ("mp4", "h264", 22.0, 660)
        assert (facts.rate, facts.average_rate) == (Fraction(30), Fraction(30))
        assert (facts.width, facts.height) == (1920, 1080)
        assert facts.hdr is None
        assert not facts.interlaced

    @pytest.mark.parametrize(
        ("matrix", "turn"),
        [
            (None, (0, False)),
            (UPRIGHT, (0, False)),
            (TURNED, (90, False)),
            (OVER, (180, False)),
            (BACK, (270, False)),
            (MIRRORED, (0, True)),
            (MIRRORED_AND_TURNED, (90, True)),
        ],
    )
    def test_a_display_matrix_is_a_turn_and_a_mirroring(self, matrix: list[int] | None, turn: tuple[int, bool]) -> None:
        facts = read(display_matrix=matrix)
        assert (facts.rotation, facts.mirrored) == turn

    def test_a_clip_is_as_large_as_people_see_it(self) -> None:
        turned = read(width=1440, height=1080, sar=[4, 3], display_matrix=TURNED)
        assert (turned.width, turned.height) == (1080, 1920)
        assert (turned.coded_width, turned.coded_height) == (1440, 1080)

    @pytest.mark.parametrize(("transfer", "hdr"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG"), ("bt709", None)])
    def test_hdr_is_told_by_the_transfer(self, transfer: str, hdr: str | None) -> None:
        assert read(transfer=transfer).hdr == hdr

    @pytest.mark.parametrize(
        ("interlaced", "order", "found"),
        [(False, "progressive", False), (True, "unknown", True), (False, "bottom", True), (True, "bottom", True)],
    )
    def test_interlacing_is_told_by_the_frame_or_by_the_header(self, interlaced: bool, order: str, found: bool) -> None:
        assert read(interlaced=interlaced, field_order=order).interlaced is found

    def test_a_file_without_pictures_has_no_codec(self) -> None:
        assert probe.read({**GOOD_CLIP, "video": None}).codec is None

    def test_of_a_codec_we_do_not_decode_only_the_name_is_known(self) -> None:
        facts = probe.read({**GOOD_CLIP, "video": {"index": 1, "codec": "prores"}})
        assert (facts.codec, facts.index, facts.width) == ("prores", 1, 0)


class TestExamine:
    def test_what_the_prober_cannot_read_is_not_a_video(self) -> None:
        with pytest.raises(probe.NotAVideo):
            probe.examine(FakeProber(unreadable=True), Path("clip.mp4"))

    def test_an_extension_says_what_is_inside(self) -> None:
        facts = probe.examine(FakeProber({**GOOD_CLIP, "container": "webm"}), Path("clip.mp4"))
        assert probe.extension(facts) == "webm"
