"""What a clip contains, as people would see it."""

from collections.abc import Mapping
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Refusal
from anb.media import probe, unreadable
from anb.ports import CutShort, Encrypted, TooHeavy, Undecodable, Unreadable
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

    def test_what_the_container_hides_is_not_seen(self) -> None:
        hidden = read(width=1920, height=1440, crop=[0, 180, 0, 180])
        assert (hidden.width, hidden.height, hidden.coded_height) == (1920, 1080, 1440)

    def test_what_is_hidden_is_told_of_the_stored_picture_before_it_is_turned(self) -> None:
        turned = read(width=1920, height=1440, crop=[0, 180, 0, 180], display_matrix=TURNED)
        assert (turned.width, turned.height) == (1080, 1920)

    def test_every_format_on_the_way_is_known(self) -> None:
        later = {**GOOD_CLIP["video"], "at": [1, 1], "width": 1080, "height": 1920}
        facts = read(changes=[later])
        assert [(each.width, each.height) for each in facts.formats] == [(1920, 1080), (1080, 1920)]
        assert facts.changes[0].at == 1

    def test_one_heavy_part_makes_a_clip_heavy(self) -> None:
        assert read(changes=[{**GOOD_CLIP["video"], "at": [1, 1], "transfer": "smpte2084"}]).heavy

    def test_a_file_without_pictures_has_no_codec(self) -> None:
        assert probe.read({**GOOD_CLIP, "video": None}).codec is None

    def test_of_a_codec_we_do_not_decode_only_the_name_is_known(self) -> None:
        facts = probe.read({**GOOD_CLIP, "video": {"index": 1, "codec": "prores"}})
        assert (facts.codec, facts.index, facts.width) == ("prores", 1, 0)


class TestExamine:
    def test_what_the_prober_cannot_read_is_not_a_video(self) -> None:
        with pytest.raises(unreadable.NotAVideo):
            probe.examine(FakeProber(unreadable=True), Path("clip.mp4"))

    @pytest.mark.parametrize(
        ("found", "refusal"),
        [
            (Unreadable, unreadable.NotAVideo),
            (CutShort, unreadable.CutOff),
            (Encrypted, unreadable.Protected),
            (Undecodable, unreadable.AllDamaged),
            (TooHeavy, unreadable.TooMuchWork),
        ],
    )
    def test_a_player_reads_what_the_prober_found(self, found: type[Unreadable], refusal: type[Refusal]) -> None:
        class Finds(FakeProber):
            def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:  # noqa: ARG002 - a port's
                raise found(str(path))

        with pytest.raises(refusal) as read:
            probe.examine(Finds(), Path("clip.mp4"))
        assert read.type is refusal

    def test_an_extension_says_what_is_inside(self) -> None:
        facts = probe.examine(FakeProber({**GOOD_CLIP, "container": "webm"}), Path("clip.mp4"))
        assert probe.extension(facts) == "webm"
