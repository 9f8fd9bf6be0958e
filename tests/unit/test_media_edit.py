"""The edit's promises: believed only after a look, nothing left on local disk, and whose fault a failure is."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest

from anb.errors import Outage
from anb.media.edit import EditRefused
from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE, Rendition
from anb.ports import EncodingFailed, Stopped
from support.desk import JOINED, SHELF, Desk, Files, furnish
from support.fakes import EDIT, GOOD_CLIP, LIGHT, jpeg, mp4

FRAMES = 660 + 2 * 75


class BrokenEncoder:
    def run(self, *_: object, **__: object) -> None:
        raise EncodingFailed("FFmpeg ended with 1: no more space")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return furnish(tmp_path)


class TestEdit:
    def test_a_good_edit_is_lent_with_all_its_renditions_and_then_gone(self, desk: Desk) -> None:
        made = desk.edit()
        assert (made.frames, made.duration, made.bytes, made.recipe) == (FRAMES, 27.0, 1_000_000, RECIPE_VERSION)
        assert set(made.timings) == {"probe", "join", "encode", "verify", "stills"}
        assert [one.rendition for one in made.renditions] == list(MADE)
        assert made.renditions[0].path == made.path
        assert {one.media_type for one in made.renditions} == {"video/mp4", "image/jpeg", "text/vtt"}
        sizes = {one.rendition: (one.width, one.height, one.seconds) for one in made.renditions}
        assert sizes == {
            Rendition.PROCESSED: (1280, 720, 27.0),
            Rendition.LIGHT: (640, 360, 27.0),
            Rendition.POSTER: (1280, 720, None),
            Rendition.SPRITE: (1600, 270, None),
            Rendition.THUMBNAILS: (None, None, None),
        }
        assert desk.left() == [SHELF]

    def test_progress_is_per_cent_of_the_clip_and_never_goes_back(self, desk: Desk) -> None:
        desk.edit()
        assert desk.percents[:3] == [0, 0, 0]  # the bumper
        assert desk.percents[3:6] == [0, pytest.approx(100 / 22), pytest.approx(200 / 22)]
        assert desk.percents == sorted(desk.percents)

    @pytest.mark.parametrize("reached", [0, 1])
    def test_a_watcher_that_says_no_stops_it_and_nothing_stays(self, desk: Desk, reached: int) -> None:
        desk.go_on = lambda percent: percent < reached
        with pytest.raises(Stopped):
            desk.edit()
        assert desk.left() == [SHELF]

    def test_ffmpegs_failure_is_ours_with_its_last_words(self, desk: Desk) -> None:
        desk.encoder = BrokenEncoder()
        with pytest.raises(Outage, match="no more space"):
            desk.edit()
        assert desk.left() == [SHELF]

    def test_an_original_that_cannot_be_read_is_refused_with_a_reason(self, desk: Desk) -> None:
        desk.prober.facts["original.mp4"] = None
        with pytest.raises(EditRefused, match="cannot be read") as refused:
            desk.edit()
        assert "MP4" in refused.value.reason.es

    def test_an_original_cut_off_since_is_refused(self, desk: Desk) -> None:
        desk.prober.facts["original.mp4"] = {**GOOD_CLIP, "video": {**GOOD_CLIP["video"], "whole": False}}
        with pytest.raises(EditRefused) as refused:
            desk.edit()
        assert "cortado" in refused.value.reason.es

    def test_a_clip_that_ends_early_is_the_files_fault(self, desk: Desk) -> None:
        desk.prober.facts["processed.mp4"] = {**EDIT, "video": {**EDIT["video"], "frames": FRAMES - 200}}
        with pytest.raises(EditRefused, match="610 frames of 810") as refused:
            desk.edit()
        assert "hasta el final" in refused.value.reason.es
        assert desk.runs() == JOINED  # one pass would end the same
        assert desk.left() == [SHELF]

    @pytest.mark.parametrize("name", ["processed.mp4", "light.mp4"])
    def test_a_result_that_cannot_be_read_is_ours(self, desk: Desk, name: str) -> None:
        desk.prober.facts[name] = None
        with pytest.raises(Outage, match="cannot be read"):
            desk.edit()

    def test_a_result_other_than_promised_is_ours_and_every_fault_is_named(self, desk: Desk) -> None:
        desk.prober.facts["light.mp4"] = {**LIGHT, "audio_streams": 1, "moov_first": False}
        with pytest.raises(Outage, match=r"other streams: \(1, 0\), not \(0, 0\); moov first: False, not True"):
            desk.edit()

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("posters.mjpeg", None, "posters.mjpeg: No such file"),
            ("posters.mjpeg", jpeg(1280, 720) * 21, "21 stills"),
            ("posters.mjpeg", jpeg(1280, 718) * 22, r"\(1280, 718\)"),
            ("looks.gray", bytes(100), "100 bytes of looks"),
            ("sprite.jpg", jpeg(1600, 270)[:-1], "not a whole one"),
            ("sprite.jpg", jpeg(1600, 270, 3_000_000), "over 2097152"),
        ],
        ids=["none", "one too few", "another size", "no looks", "not whole", "too large"],
    )
    def test_stills_are_looked_at_too(self, desk: Desk, name: str, content: bytes | None, said: str) -> None:
        desk.encoder.writes[name] = content
        with pytest.raises(Outage, match=said):
            desk.edit()
        assert desk.left() == [SHELF]


class TestJoining:
    def test_bumpers_are_made_once_and_then_joined(self, desk: Desk) -> None:
        desk.edit()
        desk.edit()
        assert desk.runs() == [*JOINED, *JOINED[1:]]
        assert len(list((desk.settings.work_dir / SHELF).iterdir())) == 2

    def test_a_bumper_coded_otherwise_is_not_joined_and_made_anew_the_next_time(self, desk: Desk) -> None:
        desk.encoder.writes["bumper-light.mp4"] = mp4(b"coded otherwise")
        desk.edit()
        assert desk.runs() == [*JOINED[:2], "sprite.jpg"]
        desk.encoder.writes.clear()
        desk.encoder.runs.clear()
        desk.edit()
        assert desk.runs() == JOINED

    def test_progress_does_not_go_back_where_the_whole_is_made_anew(self, desk: Desk) -> None:
        desk.encoder.writes["bumper-light.mp4"] = b"no file of ours"
        desk.edit()
        assert desk.runs() == [*JOINED[:2], "sprite.jpg"]
        assert desk.percents == sorted(desk.percents)

    def test_a_joint_that_is_not_what_the_recipe_says_gives_way_to_one_pass(self, desk: Desk) -> None:
        """The prober finds a fault in the joined result, and none in the other."""
        faulty = {**EDIT, "moov_first": False}
        answers = iter([faulty, EDIT])
        known = desk.prober.facts

        class Twice(Files):
            def probe(self, path: Path) -> Mapping[str, object]:
                return deepcopy(next(answers)) if path.name == "processed.mp4" else super().probe(path)

        desk.prober = Twice(known)
        desk.edit()
        assert desk.runs() == [*JOINED, "sprite.jpg"]

    def test_a_clip_that_ends_in_a_keyframe_is_made_in_one_pass(self, desk: Desk) -> None:
        desk.prober.facts["original.mp4"] = {**GOOD_CLIP, "video": {**GOOD_CLIP["video"], "seconds": 22.034}}
        for name in ("processed.mp4", "light.mp4"):
            video = cast("dict[str, Any]", desk.prober.facts[name])["video"]
            video["frames"] = FRAMES + 1
        assert desk.edit().frames == FRAMES + 1
        assert desk.runs() == ["sprite.jpg"]
        assert desk.left() == []
