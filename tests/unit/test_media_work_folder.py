"""The local disk on which edits are made."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Outage
from support.fake_edit import SHELF, FakeEdit, fake_edit
from support.shells import jpeg


@pytest.fixture
def fake(tmp_path: Path) -> FakeEdit:
    return fake_edit(tmp_path)


class TestWorkplace:
    def test_folders_of_killed_workers_and_of_other_versions_are_swept(self, fake: FakeEdit) -> None:
        fake.settings.work_dir.mkdir()
        made = {name: fake.settings.work_dir / name for name in ("edit-old", "edit-new", "bumpers-1", SHELF)}
        for folder in made.values():
            folder.mkdir()
        long_ago = time.time() - 2 * fake.settings.job_hard_seconds - 1
        for name in ("edit-old", "bumpers-1", SHELF):
            os.utime(made[name], (long_ago, long_ago))
        fake.edit()
        assert fake.left() == [SHELF, "edit-new"]

    def test_no_edit_begins_where_there_is_no_room(self, fake: FakeEdit) -> None:
        fake.settings = fake.settings.model_copy(update={"work_free_bytes_floor": 2**60})
        with pytest.raises(Outage, match="bytes free"):
            fake.edit()
        assert fake.encoder.runs == []

    def test_a_run_may_take_what_its_length_allows_and_never_more_than_the_hard_limit(self, fake: FakeEdit) -> None:
        limits: list[float] = []
        run = fake.encoder.run

        def noting(*arguments: Any, limit: float, **options: Any) -> None:
            limits.append(limit)
            run(*arguments, limit=limit, **options)

        fake.encoder.run = noting
        fake.edit()
        assert limits == [60 + 24 * 2.5, 60 + 24 * 22, 60 + 24 * 27, 60 + 24]
        fake.settings = fake.settings.model_copy(update={"job_hard_seconds": 100.0})
        fake.edit()
        assert limits[4:] == [100, 100, 84]

    def test_a_link_that_ffmpeg_left_is_not_followed(self, fake: FakeEdit, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_bytes(jpeg(1600, 270))
        run = fake.encoder.run

        def linking(arguments: list[str], *, writes: Path, **options: Any) -> None:
            run(arguments, writes=writes, **options)
            if (writes / "sprite.jpg").exists():
                (writes / "sprite.jpg").unlink()
                (writes / "sprite.jpg").symlink_to(secret)

        fake.encoder.run = linking
        with pytest.raises(Outage, match="no plain file"):
            fake.edit()
