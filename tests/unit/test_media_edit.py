"""The edit's promises: checked before it is accepted, nothing left on local disk, and failures blamed correctly."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Outage
from anb.media.edit import UNREADABLE_TO_ITS_END, EditRejected
from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE, Rendition
from anb.ports import (
    CutShort,
    EncodingFailed,
    EncodingKilled,
    EncodingStalled,
    Encrypted,
    MachineFailed,
    Stopped,
    Undecodable,
    Unreadable,
)
from support.fake_edit import JOINED, SHELF, FakeEdit, fake_edit
from support.fakes import EDIT, GOOD_CLIP, LIGHT, FakeEncoder, started
from support.shells import avif, jpeg

FRAMES = 660 + 2 * 75


class BrokenEncoder:
    """Fails in each run."""

    def run(self, *_: object, **__: object) -> None:
        raise EncodingFailed("FFmpeg ended with 1: no such filter")


class FailsOnTheClip(FakeEncoder):
    """Makes the bumper, and fails on the original a given number of times."""

    def __init__(self, *failures: EncodingFailed) -> None:
        super().__init__()
        self.failures = list(failures)

    def run(self, arguments: Sequence[str], **rest: Any) -> None:
        if any(word.endswith("original.mp4") for word in arguments) and self.failures:
            raise self.failures.pop(0)
        super().run(arguments, **rest)


@pytest.fixture
def fake(tmp_path: Path) -> FakeEdit:
    return fake_edit(tmp_path)


class TestEdit:
    def test_a_good_edit_is_lent_with_all_its_renditions_and_then_gone(self, fake: FakeEdit) -> None:
        made = fake.edit()
        assert (made.frames, made.duration, made.bytes, made.recipe) == (FRAMES, 27.0, 1_000_000, RECIPE_VERSION)
        assert set(made.timings) == {"probe", "join", "encode", "verify", "stills"}
        assert [one.rendition for one in made.renditions] == list(MADE)
        assert made.renditions[0].path == made.path
        assert {one.media_type for one in made.renditions} == {"video/mp4", "image/jpeg", "image/avif", "text/vtt"}
        sizes = {one.rendition: (one.width, one.height, one.seconds) for one in made.renditions}
        assert sizes == {
            Rendition.PROCESSED: (1280, 720, 27.0),
            Rendition.LIGHT: (640, 360, 27.0),
            Rendition.POSTER: (1280, 720, None),
            Rendition.SPRITE: (1600, 270, None),
            Rendition.THUMBNAILS: (None, None, None),
            Rendition.POSTER_320: (320, 180, None),
            Rendition.POSTER_640: (640, 360, None),
            Rendition.POSTER_960: (960, 540, None),
            Rendition.POSTER_640_JPEG: (640, 360, None),
        }
        assert fake.left() == [SHELF]

    def test_progress_is_per_cent_of_the_clip_and_never_goes_back(self, fake: FakeEdit) -> None:
        fake.edit()
        assert fake.percents[:3] == [0, 0, 0]  # the bumper
        assert fake.percents[3:6] == [0, pytest.approx(100 / 22), pytest.approx(200 / 22)]
        assert fake.percents == sorted(fake.percents)

    @pytest.mark.parametrize("reached", [0, 1])
    def test_a_watcher_that_says_no_stops_it_and_nothing_stays(self, fake: FakeEdit, reached: int) -> None:
        fake.go_on = lambda percent: percent < reached
        with pytest.raises(Stopped):
            fake.edit()
        assert fake.left() == [SHELF]

    def test_a_failure_of_ffmpeg_on_everything_is_ours_with_its_last_words(self, fake: FakeEdit) -> None:
        fake.encoder = BrokenEncoder()
        with pytest.raises(Outage, match="no such filter"):
            fake.edit()
        assert fake.left() == [SHELF]

    def test_a_failure_on_this_clip_alone_is_the_files_fault_at_once(self, fake: FakeEdit) -> None:
        fake.encoder = FailsOnTheClip(EncodingFailed("FFmpeg made nothing new for 30 s"))
        with pytest.raises(EditRejected, match="nothing new") as refused:
            fake.edit()
        assert "dañado" in refused.value.reason.text("es")
        assert fake.left() == [SHELF]

    def test_it_is_so_too_where_the_bumpers_lie_ready(self, fake: FakeEdit) -> None:
        fake.edit()
        fake.encoder = FailsOnTheClip(EncodingFailed("FFmpeg made nothing new for 30 s"))
        with pytest.raises(EditRejected, match="nothing new"):
            fake.edit()
        assert fake.left() == [SHELF]

    def test_a_failure_on_the_bumper_too_is_told_beside_the_first(self, fake: FakeEdit) -> None:
        fake.edit()
        fake.encoder = BrokenEncoder()
        with pytest.raises(Outage, match=r"no such filter.*bumper.*no such filter"):
            fake.edit()

    def test_a_disk_or_a_share_that_fails_is_never_the_files_fault(self, fake: FakeEdit) -> None:
        fake.encoder = FailsOnTheClip(MachineFailed("No space left on device"))
        with pytest.raises(Outage, match="No space left"):
            fake.edit()

    def test_a_run_that_was_killed_once_is_made_again(self, fake: FakeEdit) -> None:
        fake.encoder = FailsOnTheClip(EncodingKilled("killed"))
        assert fake.edit().frames == FRAMES

    def test_a_clip_that_is_killed_twice_takes_too_much_memory(self, fake: FakeEdit) -> None:
        fake.encoder = FailsOnTheClip(EncodingKilled("killed"), EncodingKilled("killed"))
        with pytest.raises(EditRejected, match="killed"):
            fake.edit()

    def test_a_clip_that_fails_where_it_was_sought_is_made_without_seeking(self, fake: FakeEdit) -> None:
        fake.prober.facts["original.mp4"]["video"]["seconds"] = 23.5  # type: ignore[index]
        fake.encoder = FailsOnTheClip(EncodingFailed("no filtered frames"))
        assert fake.edit(1.5).frames == FRAMES
        (made,) = [run for run in fake.encoder.runs if any(word.endswith("original.mp4") for word in run)]
        assert ("-copyts" in made, "-ss" in made) == (True, False)

    def test_one_that_took_long_to_fail_is_not_made_again(
        self, fake: FakeEdit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("anb.media.edit_run.SOUGHT_SECONDS", -1)
        fake.encoder = FailsOnTheClip(EncodingFailed("it made nothing new"))
        with pytest.raises(EditRejected):
            fake.edit(1.5)

    def test_a_start_that_nothing_comes_of_after_much_decoding_is_refused_by_that_reason(
        self, fake: FakeEdit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("anb.media.edit_run.SOUGHT_SECONDS", -1)
        monkeypatch.setattr("support.fake_edit.started", lambda seconds: started(seconds) | {"before": [31, 2]})
        fake.encoder = FailsOnTheClip(EncodingStalled("it made nothing new", 0))
        with pytest.raises(EditRejected, match=r"15\.5 s are decoded before the start") as refused:
            fake.edit(1.5)
        assert "segundo 1,5 habría que leer 15,5 s" in refused.value.reason.text("es")
        assert "start at 1.5 s, 15.5 s of your video" in refused.value.reason.text("en")

    @pytest.mark.parametrize(("made", "before"), [(0.2, 31), (0, 3)], ids=["it had begun", "little was decoded"])
    def test_a_stall_that_the_start_does_not_explain_is_of_the_clip(
        self, fake: FakeEdit, monkeypatch: pytest.MonkeyPatch, made: float, before: int
    ) -> None:
        monkeypatch.setattr("anb.media.edit_run.SOUGHT_SECONDS", -1)
        monkeypatch.setattr("support.fake_edit.started", lambda seconds: started(seconds) | {"before": [before, 2]})
        fake.encoder = FailsOnTheClip(EncodingStalled("it made nothing new", made))
        with pytest.raises(EditRejected) as refused:
            fake.edit(1.5)
        assert refused.value.reason == UNREADABLE_TO_ITS_END

    def test_an_original_that_cannot_be_read_is_refused_with_a_reason(self, fake: FakeEdit) -> None:
        fake.prober.facts["original.mp4"] = Unreadable("cannot be read")
        with pytest.raises(EditRejected, match="cannot be read") as refused:
            fake.edit()
        assert "MP4" in refused.value.reason.text("es")

    def test_an_original_cut_off_since_is_refused(self, fake: FakeEdit) -> None:
        fake.prober.facts["original.mp4"] = {**GOOD_CLIP, "video": {**GOOD_CLIP["video"], "whole": False}}
        with pytest.raises(EditRejected) as refused:
            fake.edit()
        assert "cortado" in refused.value.reason.text("es")

    def test_a_clip_that_ends_early_is_the_files_fault(self, fake: FakeEdit) -> None:
        fake.prober.facts["processed.mp4"] = {**EDIT, "video": {**EDIT["video"], "frames": FRAMES - 200}}
        with pytest.raises(EditRejected, match="610 frames of 810") as refused:
            fake.edit()
        assert "hasta el final" in refused.value.reason.text("es")
        assert fake.runs() == JOINED  # one pass would end the same
        assert fake.left() == [SHELF]

    @pytest.mark.parametrize("name", ["processed.mp4", "light.mp4"])
    @pytest.mark.parametrize("why", [Unreadable, CutShort, Encrypted, Undecodable])
    def test_a_result_that_cannot_be_read_is_ours(self, fake: FakeEdit, name: str, why: type[Unreadable]) -> None:
        fake.prober.facts[name] = why("as it was made")
        with pytest.raises(Outage, match="cannot be read"):
            fake.edit()

    def test_a_result_other_than_promised_is_ours_and_every_fault_is_named(self, fake: FakeEdit) -> None:
        fake.prober.facts["light.mp4"] = {**LIGHT, "audio_streams": 1, "moov_first": False}
        with pytest.raises(Outage, match=r"other streams: \(1, 0\), not \(0, 0\); moov first: False, not True"):
            fake.edit()

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("posters.mjpeg", None, "posters.mjpeg: No such file"),
            ("posters.mjpeg", jpeg(1280, 720) * 21, "21 stills"),
            ("posters.mjpeg", jpeg(1280, 718) * 22, r"\(1280, 718\)"),
            ("looks.gray", bytes(100), "100 bytes of looks"),
            ("sprite.jpg", jpeg(1600, 270)[:-1], "not a whole one"),
            ("sprite.jpg", jpeg(1600, 270, 3_000_000), "over 2097152"),
            ("poster-960", None, "poster-960: No such file"),
            ("poster-960", avif(960, 544), r"an AVIF of \(960, 544\)"),
            ("poster-960", avif(960, 540)[:-1], "not a whole one"),
            ("poster-960", b"", r"an AVIF of \(0, 0\)"),
            ("poster-960", avif(960, 540).replace(b"ftypavif", b"ftypisom"), "not a whole one"),
            ("poster-640-jpeg", jpeg(1280, 720), r"a JPEG of \(1280, 720\)"),
        ],
        ids=[
            "none",
            "one too few",
            "another size",
            "no looks",
            "not whole",
            "too large",
            "no AVIF",
            "an AVIF of another size",
            "an AVIF cut off",
            "an empty AVIF",
            "not an AVIF",
            "a small JPEG of another size",
        ],
    )
    def test_stills_are_looked_at_too(self, fake: FakeEdit, name: str, content: bytes | None, said: str) -> None:
        fake.encoder.writes[name] = content
        with pytest.raises(Outage, match=said):
            fake.edit()
        assert fake.left() == [SHELF]
