"""The edit's promises: believed only after a probe, nothing left on local disk, and whose fault a failure is."""

import os
import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from anb.errors import Outage
from anb.media import recipe, result
from anb.media.edit import EditRefused, Made, edit
from anb.media.probe import Probe, read
from anb.ports import EncodingFailed, Ports, Stopped, Unreadable
from anb.settings import Limits, Settings
from support.fakes import GOOD_CLIP, FakeEncoder

FRAMES = 660 + 2 * 75
EDIT: dict[str, Any] = {
    **GOOD_CLIP,
    "audio_streams": 0,
    "tags": ["major_brand", "compatible_brands", "minor_version"],
    "video": {**GOOD_CLIP["video"], "width": 1280, "height": 720, "frames": FRAMES, "seconds": 27.0},
}


@dataclass
class TwoFiles:
    """A prober that knows an original and the edit made of it."""

    original: dict[str, Any] | None
    made: dict[str, Any] | None

    def probe(self, path: Path) -> Mapping[str, object]:
        facts = self.made if path.name == "edit.mp4" else self.original
        if facts is None:
            raise Unreadable("cannot be read")
        return deepcopy(facts)


class BrokenEncoder:
    def run(self, *_: object, **__: object) -> None:
        raise EncodingFailed("FFmpeg ended with 1: no more space")


@dataclass
class Desk:
    """A worker's desk: settings with a work folder, and an edit of whatever the prober says."""

    settings: Settings
    encoder: Any
    prober: TwoFiles
    percents: list[float]
    go_on: bool = True

    def edit(self) -> Made:
        def on_progress(percent: float) -> bool:
            self.percents.append(percent)
            return self.go_on

        ports = cast("Ports", SimpleNamespace(prober=self.prober, encoder=self.encoder))
        with edit(ports, self.settings, Path("/share/original.mp4"), on_progress) as made:
            assert made.path.read_bytes() == b"an edit"
        return made

    def left(self) -> list[Path]:
        return list(self.settings.work_dir.glob("*"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    settings = Settings(
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root=tmp_path,
        secret_key="x" * 32,
        work_dir=tmp_path / "work",
    )
    return Desk(settings, FakeEncoder(), TwoFiles(deepcopy(GOOD_CLIP), deepcopy(EDIT)), [])


class TestEdit:
    def test_a_good_edit_is_lent_and_then_gone(self, desk: Desk) -> None:
        made = desk.edit()
        assert (made.frames, made.duration, made.bytes) == (FRAMES, 27.0, 1_000_000)
        assert set(made.timings) == {"probe", "encode", "verify"}
        assert not made.path.exists()
        assert desk.left() == []

    def test_progress_is_per_cent_of_the_whole(self, desk: Desk) -> None:
        desk.edit()
        assert desk.percents == [0, pytest.approx(100 / 27), pytest.approx(200 / 27)]

    def test_a_watcher_that_says_no_stops_it_and_nothing_stays(self, desk: Desk) -> None:
        desk.go_on = False
        with pytest.raises(Stopped):
            desk.edit()
        assert desk.left() == []

    def test_ffmpegs_failure_is_ours_with_its_last_words(self, desk: Desk) -> None:
        desk.encoder = BrokenEncoder()
        with pytest.raises(Outage, match="no more space"):
            desk.edit()
        assert desk.left() == []

    def test_an_original_that_cannot_be_read_is_refused_with_a_reason(self, desk: Desk) -> None:
        desk.prober.original = None
        with pytest.raises(EditRefused, match="cannot be read") as refused:
            desk.edit()
        assert "MP4" in refused.value.reason.es

    def test_an_original_cut_off_since_is_refused(self, desk: Desk) -> None:
        desk.prober.original = {**GOOD_CLIP, "video": {**GOOD_CLIP["video"], "whole": False}}
        with pytest.raises(EditRefused) as refused:
            desk.edit()
        assert "cortado" in refused.value.reason.es

    def test_a_clip_that_ends_early_is_the_files_fault(self, desk: Desk) -> None:
        desk.prober.made = {**EDIT, "video": {**EDIT["video"], "frames": FRAMES - 200}}
        with pytest.raises(EditRefused, match="610 frames of 810") as refused:
            desk.edit()
        assert "hasta el final" in refused.value.reason.es
        assert desk.left() == []

    def test_a_result_that_cannot_be_read_is_ours(self, desk: Desk) -> None:
        desk.prober.made = None
        with pytest.raises(Outage, match="cannot be read"):
            desk.edit()

    def test_a_result_other_than_promised_is_ours_and_every_fault_is_named(self, desk: Desk) -> None:
        desk.prober.made = {**EDIT, "audio_streams": 1, "moov_first": False}
        with pytest.raises(Outage, match=r"other streams: \(1, 0\), not \(0, 0\); moov first: False, not True"):
            desk.edit()

    def test_folders_of_killed_workers_are_swept_and_those_at_work_are_not(self, desk: Desk) -> None:
        forsaken, at_work = desk.settings.work_dir / "edit-old", desk.settings.work_dir / "edit-new"
        for folder in (forsaken, at_work):
            folder.mkdir(parents=True)
        long_ago = time.time() - 2 * desk.settings.job_hard_seconds - 1
        os.utime(forsaken, (long_ago, long_ago))
        desk.edit()
        assert desk.left() == [at_work]


class TestFaults:
    made = read(EDIT)
    recipe = recipe.write(read(GOOD_CLIP), Limits(), recipe.Brand.ours())

    def faults(self, made: Probe) -> list[str]:
        return [fault.partition(":")[0] for fault in result.faults(self.recipe, made, Limits())]

    def test_a_good_result_has_none(self) -> None:
        assert self.faults(self.made) == []

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"codec": "hevc"}, "codec"),
            ({"coded_width": 1278}, "size"),
            ({"sar": Fraction(1281, 1280)}, "sar"),
            ({"rotation": 180}, "turn"),
            ({"pixels": "yuv420p10le"}, "pixels"),
            ({"matrix": None}, "colours"),
            ({"frames": FRAMES + 1}, "frames"),
            ({"average_rate": Fraction(2997, 100)}, "rate"),
            ({"other_streams": 1}, "other streams"),
            ({"tags": ("location",)}, "metadata"),
            ({"moov_first": False}, "moov first"),
            ({"whole": False}, "whole"),
            ({"duration": 35.001}, "length"),
        ],
    )
    def test_each_broken_promise_is_named(self, changes: dict[str, Any], named: str) -> None:
        assert self.faults(replace(self.made, **changes)) == [named]
