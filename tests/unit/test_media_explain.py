"""Why a clip is accepted or refused, and why its edit is what it is."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Refusal
from anb.media import rules
from anb.media.explain import Explanation, explain
from anb.media.explain_picture import decisions
from anb.media.probe import ColoursTold, FormatChange, FrameFormat, Probe, read
from anb.settings import Limits
from support.fakes import GOOD_CLIP, FakeProber

GOOD = read(GOOD_CLIP)
CLIP = Path("/clips/mine.mp4")
HD = FrameFormat(coded_width=1920, coded_height=1080, pixels="yuv420p")


def explained(limits: Limits | None = None, **video: Any) -> Explanation:
    prober = FakeProber()
    for name, value in video.items():
        (prober.facts if name in prober.facts else prober.facts["video"])[name] = value
    return explain(prober, limits or Limits(), CLIP)


def told(found: Explanation, about: str) -> list[tuple[str, str]]:
    return [(each.does, each.because) for each in found.decisions if each.about == about]


def spoken(seen: FrameFormat, about: str) -> tuple[str, str]:
    return next((each.does, each.because) for each in decisions(seen, "") if each.about == about)


class TestRules:
    def test_an_accepted_clip_passes_each_rule_and_has_a_recipe(self) -> None:
        found = explained()
        assert found.refusal is None
        assert [check.rule for check in found.checks] == [
            "pictures", "codec", "Dolby Vision", "whole file", "one recording",
            "longer side", "shorter side", "frames per second", "length",
        ]  # fmt: skip
        assert len(found.runs) == 2
        assert str(CLIP) in " ".join(found.runs[0].arguments)

    def test_every_rule_that_is_broken_is_told_and_the_first_is_what_the_player_reads(self) -> None:
        found = explained(width=1280, height=720, seconds=12.0)
        broken = [(check.rule, check.limit, check.found) for check in found.checks if check.refusal]
        assert broken == [
            ("shorter side", "at least 1080", "720"),
            ("length", "20 to 60 s, give or take 0.05", "12.000 s"),
        ]
        assert isinstance(found.refusal, rules.TooSmall)
        assert told(found, "frame") == [("it fills 1280x720", "its shape is 16:9, or too close to see the difference")]

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"codec": None},
            {"codec": "prores"},
            {"dolby_vision": (5, 0)},
            {"whole": False},
            {"begins_again": 3.0},
            {"coded_width": 9000},
            {"coded_height": 100},
            {"average_rate": Fraction(1000)},
            {"duration": 3.0},
            {"duration": 3.0, "lost": 1.0},
            {"duration": 300.0},
        ],
        ids=str,
    )
    def test_what_is_explained_is_what_is_judged(self, changes: dict[str, Any]) -> None:
        facts = replace(GOOD, **changes)
        checks = [*rules.readable(facts), *rules.fitting(facts, Limits())]
        assert type(next((check.refusal for check in checks if check.refusal), None)) is type(judged(facts))

    def test_a_file_that_cannot_be_opened_is_explained_by_what_the_prober_said(self) -> None:
        found = explain(FakeProber(unreadable=True), Limits(), CLIP)
        assert found.refusal is not None
        assert found.refusal.code == "not-a-video"
        assert (found.detail, found.runs, found.probe) == ("no video", (), None)

    def test_of_a_codec_that_we_do_not_decode_nothing_more_is_said(self) -> None:
        found = explain(FakeProber({**GOOD_CLIP, "video": {"index": 0, "codec": "prores"}}), Limits(), CLIP)
        assert [check.rule for check in found.checks] == ["pictures", "codec"]
        assert found.decisions == ()


def judged(facts: Probe) -> Refusal | None:
    try:
        rules.judge(facts, Limits())
    except Refusal as refusal:
        return refusal
    return None


class TestDecisions:
    def test_a_dropped_track_says_why(self) -> None:
        video = GOOD_CLIP["tracks"][0]
        others = [
            video | {"index": 1, "width": 320, "height": 180, "frames": 1},
            video | {"index": 2, "plays": False},
            video | {"index": 3, "codec": "mjpeg", "cover": True},
            video | {"index": 4, "width": 640, "height": 360},
            video | {"index": 5, "kind": "audio", "codec": "aac"},
            video | {"index": 6, "kind": "data", "codec": "unknown"},
        ]
        _, *dropped = told(explained(tracks=[video, *others]), "track")
        assert [because.partition(" (")[0] for _, because in dropped] == [
            "it holds one picture alone",
            "it does not play by default",
            "it is a cover picture",
            "another is larger, or comes first",
            "an edit has no sound",
            "it holds no pictures",
        ]

    def test_what_was_lost_at_the_beginning(self) -> None:
        assert told(explained(lost=1.25), "first picture") == [
            ("the edit begins 1.250 s after the first picture of the file", "earlier pictures cannot be decoded")
        ]

    @pytest.mark.parametrize(
        ("rate", "says"),
        [
            ([60, 1], "30 a second; one picture in 2, all moved by 8.3 ms"),
            ([40, 1], "25 a second; about every 1.60th picture is shown"),
            ([15, 1], "30 a second; every picture is shown"),
            ([0, 1], "30 a second; one picture has no rate"),
        ],
    )
    def test_the_rate_of_the_edit_and_why(self, rate: list[int], says: str) -> None:
        ((does, because),) = told(explained(usual_rate=rate), "rate")
        if rate != [40, 1]:  # whichever of ours is nearest
            assert does.startswith(says)
        assert "of 24, 25, 30 it is nearest to an even part or multiple" in because

    def test_an_edit_list_and_a_turn_that_are_ignored(self) -> None:
        found = explained(ignore_edit_list=True, turns_told=2)
        assert told(found, "edit list")[0][0] == "it is ignored"
        assert told(found, "turn")[0][1] == "container and stream both tell the same turn"

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"codec": "vp9"}, "nothing is deinterlaced"),
            ({}, "pictures that hold two moments by their own flags are deinterlaced"),
            ({"field_order": "top"}, "all pictures are deinterlaced"),
        ],
    )
    def test_which_pictures_are_woven(self, changes: dict[str, Any], says: str) -> None:
        assert told(explained(**changes), "scan")[0][0] == says

    def test_each_format_of_pictures_is_explained_and_those_after_the_edit_are_not(self) -> None:
        form = {
            name: GOOD_CLIP["video"][name]
            for name in ("crop", "pixels", "bits", "interlaced", "primaries", "transfer", "matrix", "range",
                         "display_matrix", "peak_nits", "colours_from", "stream_colours", "container_colours")
        }  # fmt: skip
        changes = [form | {"at": [at, 1], "width": 1080, "height": 1920} for at in (5, 45)]
        found = explained(seconds=60.0, changes=changes)
        assert told(found, "size from 5.00 s")[0][0] == "people see 1080x1920"
        assert told(found, "pictures") == [("the change at 45.00 s has no effect", "the edit ends before it")]
        assert told(found, "scan")[0][0] == "each format of pictures by its own flags"

    def test_bumpers_that_cannot_be_joined(self) -> None:
        found = explained(Limits(edit_bumper_seconds=61 / 30))
        assert told(found, "bumper")[0][0] == "the whole is coded in one pass"
        assert len(found.runs) == 1

    def test_the_lane(self) -> None:
        assert told(explained(transfer="smpte2084"), "lane")[0][0] == "heavy"
        assert told(explained(), "lane")[0][0] == "light"


class TestPictures:
    def test_a_size_says_what_was_done_to_it(self) -> None:
        seen = replace(HD, crop=(0, 0, 0, 8), sar=Fraction(4, 3), rotation=90, mirrored=True)
        does, because = spoken(seen, "size")
        assert does == "people see 1072x2560"
        assert because == (
            "coded as 1920x1080 yuv420p; the container hides 0 left, 0 top, 0 right and 8 bottom; "
            "its pixels are 4/3 as wide as high; it is turned 90° and mirrored"
        )

    def test_what_does_not_fill_the_frame(self) -> None:
        does, _ = spoken(replace(HD, rotation=90), "frame")
        assert does == "404x720 in the middle, over a blurred fill of itself"

    @pytest.mark.parametrize(
        ("seen", "says"),
        [
            (HD, "nothing to convert"),
            (replace(HD, matrix="smpte170m"), "converted to BT.709"),
            (replace(HD, transfer="smpte2084", primaries="bt2020", matrix="bt2020nc"), "tone-mapped to BT.709"),
            (replace(HD, transfer="arib-std-b67", primaries="bt2020"), "looked up in the table of HLG"),
        ],
    )
    def test_what_is_done_to_colours(self, seen: FrameFormat, says: str) -> None:
        assert spoken(seen, "colours")[0].endswith(says)

    def test_who_told_the_colours(self) -> None:
        source = ("stream", "either", "stream", None)
        seen = replace(HD, primaries="bt709", transfer="bt709", told=ColoursTold(source, (1, 1, 8, 1), (9, 1, 2, 0)))
        assert spoken(seen, "colours")[1] == (
            "primaries: bt709 by the stream (the container says 9, which counts less); "
            "transfer: bt709 by the container, and the stream says nothing else; "
            "matrix: code 8 by the stream, unknown here; "
            "range: not specified, so tv by custom"
        )

    def test_a_small_untagged_picture_is_as_television_was(self) -> None:
        small = replace(HD, coded_width=720, coded_height=480)
        assert "matrix: not specified, so smpte170m up to 576 rows by custom" in spoken(small, "colours")[1]

    def test_a_change_is_told_from_when_on(self) -> None:
        change = FormatChange(Fraction(2), HD)
        assert next(each.about for each in decisions(change.format, " from 2.00 s")) == "size from 2.00 s"


class TestStart:
    def started(self, seconds: float) -> list[tuple[str, str]]:
        return told(explain(FakeProber(), Limits(), CLIP, seconds), "start")

    def test_where_the_edit_begins_is_told(self) -> None:
        assert told(explained(), "start") == []
        ((does, because),) = self.started(1.52)
        assert does == "the edit begins 1.500 s after that, with the picture shown at 1.52 s"
        assert "FFmpeg seeks to 0.500 s" in because

    def test_that_nothing_can_be_sought_is_told(self) -> None:
        ((_, because),) = self.started(0.52)
        assert "all pictures before are decoded" in because

    def test_the_rule_is_named_with_what_was_found(self) -> None:
        found = explain(FakeProber(), Limits(), CLIP, 5)
        assert found.refusal is not None
        assert (found.refusal.code, found.checks[-1].rule) == ("start-too-late", "start")
        assert ("-ss" in found.runs[0].arguments) is True
