"""The keeper of the share reports files that rows miss, removes old files without a row, and removes nothing else."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from anb.cli import app, storage
from anb.ports import Found
from anb.storage import service, store
from anb.storage.domain import StorageFinding, Wrong
from support.publishing import publish
from support.tus import TusSender
from support.worlds import World

DAY = 24 * 3600


def lay(world: World, key: str, age: float = 2 * DAY) -> Path:
    """Put a file without a row on the share."""
    path = world.settings.media_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"whose?")
    os.utime(path, (time.time() - age,) * 2)
    return path


def aged(world: World) -> None:
    """Make every file on the share old."""
    for name in world.files():
        os.utime(world.settings.media_root / name, (time.time() - 2 * DAY,) * 2)


def missing(world: World, *, checksums: bool = False) -> list[tuple[str, str]]:
    return [(one.wrong.value, one.key) for one in service.verify(world.database, world.ports, checksums=checksums)]


@pytest.fixture
def busy(world: World) -> World:
    """A world with originals, edits, and an upload under way."""
    player = world.player()
    publish(world, player.upload())
    player.upload()
    sender = TusSender(player)
    sender.send(sender.begin(100), 0, b"on its way")
    return world


class TestVerify:
    def test_a_share_in_order_misses_nothing(self, busy: World) -> None:
        assert missing(busy) == []

    @pytest.mark.parametrize("rows", [1, 2, 3, 1000])
    def test_every_file_is_looked_at_once_however_many_pages_it_takes(
        self, busy: World, monkeypatch: pytest.MonkeyPatch, rows: int
    ) -> None:
        publish(busy, busy.player("Ana Ruiz").upload())
        monkeypatch.setattr(store, "PAGE", rows)
        known = busy.files()
        for name in known:
            (busy.settings.media_root / name).unlink()
        assert sorted(missing(busy)) == [("missing", name) for name in known]

    def test_an_upload_that_has_brought_nothing_yet_has_no_file_to_miss(self, world: World) -> None:
        TusSender(world.player()).begin(100)
        for name in world.files():
            (world.settings.media_root / name).unlink()
        assert missing(world) == []

    def test_an_upload_whose_only_byte_is_gone_is_missing(self, world: World) -> None:
        sender = TusSender(world.player())
        sender.send(sender.begin(100), 0, b"1")
        (key,) = world.files()
        (world.settings.media_root / key).unlink()
        assert missing(world) == [("missing", key)]

    @pytest.mark.parametrize("seconds", [30, 3])
    def test_an_upload_that_was_accepted_or_refused_has_nothing_arriving(self, world: World, seconds: float) -> None:
        world.prober.facts["video"]["seconds"] = seconds
        sender = TusSender(world.player())
        sender.send(sender.begin(9), 0, b"the whole")
        assert missing(world) == []

    @pytest.mark.parametrize("kind", ["originals", "edits", "incoming"])
    def test_a_file_that_is_gone_is_missing(self, busy: World, kind: str) -> None:
        key = next(name for name in busy.files() if name.startswith(kind))
        (busy.settings.media_root / key).unlink()
        assert missing(busy) == [("missing", key)]

    def test_a_file_of_another_size_is_told(self, busy: World) -> None:
        key = next(name for name in busy.files() if name.startswith("originals"))
        (busy.settings.media_root / key).write_bytes(b"cut")
        assert missing(busy) == [("size", key)]

    def test_other_bytes_of_the_same_size_are_found_by_their_checksum(self, world: World) -> None:
        world.player().upload()
        (key,) = world.files()
        path = world.settings.media_root / key
        path.write_bytes(bytes(path.stat().st_size))
        assert missing(world) == []
        assert missing(world, checksums=True) == [("checksum", key)]

    def test_a_video_deleted_meanwhile_is_no_loss(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        player = world.player()
        upload = player.upload()
        pages = list(store.pages(world.database))
        world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers)
        monkeypatch.setattr(store, "pages", lambda _: iter(pages))
        assert missing(world) == []


class TestSweep:
    def test_only_what_no_row_knows_goes_and_only_when_it_is_old(
        self, busy: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "BATCH", 2)
        aged(busy)
        ours = busy.files()
        old = [lay(busy, key) for key in ("originals/ab/x.mp4", "edits/cd/y.mp4", "incoming/z.part")]
        young = lay(busy, "incoming/young.part", age=60)
        named = {one.key for one in service.unknown(busy.database, busy.ports, busy.settings)}
        assert all(path.exists() for path in old)
        swept = {one.key for one in service.sweep(busy.database, busy.ports, busy.settings)}
        assert named == swept == {str(path.relative_to(busy.settings.media_root)) for path in old}
        assert busy.files() == sorted([*ours, str(young.relative_to(busy.settings.media_root))])

    def test_what_nobody_knows_is_told_with_its_size_and_age(self, world: World) -> None:
        lay(world, "originals/ab/x.mp4")
        (found,) = service.unknown(world.database, world.ports, world.settings)
        assert found == StorageFinding(Wrong.UNKNOWN, "originals/ab/x.mp4", "6 bytes, 48 h old")

    def test_a_file_must_be_older_than_the_setting_says(self, world: World) -> None:
        limit = float(world.settings.sweep_age_seconds)
        ages = {f"originals/ab/{age}.mp4": age for age in (limit - 1, limit, limit + 1)}
        walk = {"originals": [Found(key, 6, age) for key, age in ages.items()]}
        inventory: Any = SimpleNamespace(walk=lambda kind: walk.get(kind, []))
        found = service.unknown(world.database, replace(world.ports, inventory=inventory), world.settings)
        assert [one.key for one in found] == [f"originals/ab/{limit + 1}.mp4"]


class TestCommand:
    @pytest.fixture
    def run(self, busy: World, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
        monkeypatch.setattr(storage, "_tools", lambda: storage._Tools(busy.settings, busy.database, busy.ports))
        return CliRunner()

    def test_verify_ends_with_1_when_something_is_missing(self, busy: World, run: CliRunner) -> None:
        assert run.invoke(app, ["storage", "verify", "--checksums"]).exit_code == 1  # edits of some bytes
        assert run.invoke(app, ["storage", "verify"]).exit_code == 0
        key = next(name for name in busy.files() if name.startswith("originals"))
        (busy.settings.media_root / key).unlink()
        told = run.invoke(app, ["storage", "verify", "--json"])
        assert told.exit_code == 1
        assert json.loads(told.stdout.splitlines()[0]) == {"wrong": "missing", "key": key, "detail": ""}

    def test_sweep_deletes_only_when_told_to(self, busy: World, run: CliRunner) -> None:
        path = lay(busy, "edits/cd/y.mp4")
        assert "Files that no row knows: 1." in run.invoke(app, ["storage", "sweep"]).output
        assert path.exists()
        assert "1, deleted" in run.invoke(app, ["storage", "sweep", "--delete"]).output
        assert not path.exists()

    def test_uploads_are_listed_and_swept(self, run: CliRunner) -> None:
        assert "Mi mejor" in run.invoke(app, ["uploads", "list"]).output
        assert "Removed: 0. Finished: 0." in run.invoke(app, ["uploads", "sweep"]).output
