"""The local disk that edits are made on."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from anb.errors import Outage
from support.desk import SHELF, Desk, furnish
from support.fakes import jpeg


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return furnish(tmp_path)


class TestWorkplace:
    def test_folders_of_killed_workers_and_of_other_versions_are_swept(self, desk: Desk) -> None:
        desk.settings.work_dir.mkdir()
        made = {name: desk.settings.work_dir / name for name in ("edit-old", "edit-new", "bumpers-1", SHELF)}
        for folder in made.values():
            folder.mkdir()
        long_ago = time.time() - 2 * desk.settings.job_hard_seconds - 1
        for name in ("edit-old", "bumpers-1", SHELF):
            os.utime(made[name], (long_ago, long_ago))
        desk.edit()
        assert desk.left() == [SHELF, "edit-new"]

    def test_no_edit_begins_where_there_is_no_room(self, desk: Desk) -> None:
        desk.settings = desk.settings.model_copy(update={"work_free_bytes_floor": 2**60})
        with pytest.raises(Outage, match="bytes free"):
            desk.edit()
        assert desk.encoder.runs == []

    def test_a_run_may_take_what_its_length_allows_and_never_more_than_the_hard_limit(self, desk: Desk) -> None:
        limits: list[float] = []
        run = desk.encoder.run

        def noting(*arguments: Any, limit: float, **options: Any) -> None:
            limits.append(limit)
            run(*arguments, limit=limit, **options)

        desk.encoder.run = noting
        desk.edit()
        assert limits == [60 + 24 * 2.5, 60 + 24 * 22, 60 + 24 * 27]
        desk.settings = desk.settings.model_copy(update={"job_hard_seconds": 100.0})
        desk.edit()
        assert limits[3:] == [100, 100]

    def test_a_link_that_ffmpeg_left_is_not_followed(self, desk: Desk, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_bytes(jpeg(1600, 270))
        run = desk.encoder.run

        def linking(arguments: list[str], *, writes: Path, **options: Any) -> None:
            run(arguments, writes=writes, **options)
            if (writes / "sprite.jpg").exists():
                (writes / "sprite.jpg").unlink()
                (writes / "sprite.jpg").symlink_to(secret)

        desk.encoder.run = linking
        with pytest.raises(Outage, match="no plain file"):
            desk.edit()
