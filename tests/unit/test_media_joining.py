"""An edit is joined from cached bumpers and its clip, or made in one pass if they do not fit."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest

from support.fake_edit import FINISHED, JOINED, SHELF, FakeEdit, Files, fake_edit
from support.fakes import EDIT, GOOD_CLIP
from support.shells import mp4

FRAMES = 660 + 2 * 75
WHOLE = ["sprite.jpg", FINISHED[-1]]  # of one pass


@pytest.fixture
def fake(tmp_path: Path) -> FakeEdit:
    return fake_edit(tmp_path)


def test_bumpers_are_made_once_and_then_joined(fake: FakeEdit) -> None:
    fake.edit()
    fake.edit()
    assert fake.runs() == [*FINISHED, *FINISHED[1:]]
    assert len(list((fake.settings.work_dir / SHELF).iterdir())) == 2


def test_where_one_of_the_bumpers_is_missing_all_are_made_anew(fake: FakeEdit) -> None:
    fake.edit()
    next((fake.settings.work_dir / SHELF).glob("*-light.mp4")).unlink()
    fake.edit()
    assert fake.runs() == [*FINISHED, *FINISHED]


def test_a_bumper_coded_otherwise_is_not_joined_and_made_anew_the_next_time(fake: FakeEdit) -> None:
    fake.encoder.writes["bumper-light.mp4"] = mp4(b"coded otherwise")
    fake.edit()
    assert fake.runs() == [*FINISHED[:2], *WHOLE]
    fake.encoder.writes.clear()
    fake.encoder.runs.clear()
    fake.edit()
    assert fake.runs() == FINISHED


def test_progress_does_not_go_back_where_the_whole_is_made_anew(fake: FakeEdit) -> None:
    fake.encoder.writes["bumper-light.mp4"] = b"no file of ours"
    fake.edit()
    assert fake.runs() == [*FINISHED[:2], *WHOLE]
    assert fake.percents == sorted(fake.percents)


def test_a_joint_that_is_not_what_the_recipe_says_gives_way_to_one_pass(fake: FakeEdit) -> None:
    """The prober finds a fault in the joined result, and none in the other."""
    faulty = {**EDIT, "moov_first": False}
    answers = iter([faulty, EDIT])
    known = fake.prober.facts

    class Twice(Files):
        def probe(self, path: Path, start: float = 0) -> Mapping[str, object]:
            return deepcopy(next(answers)) if path.name == "processed.mp4" else super().probe(path, start)

    fake.prober = Twice(known)
    fake.edit()
    assert fake.runs() == [*JOINED, *WHOLE]


def test_a_clip_that_ends_in_a_keyframe_is_made_in_one_pass(fake: FakeEdit) -> None:
    fake.prober.facts["original.mp4"] = {**GOOD_CLIP, "video": {**GOOD_CLIP["video"], "seconds": 22.034}}
    for name in ("processed.mp4", "light.mp4"):
        video = cast("dict[str, Any]", fake.prober.facts[name])["video"]
        video["frames"] = FRAMES + 1
    assert fake.edit().frames == FRAMES + 1
    assert fake.runs() == WHOLE
    assert fake.left() == []
