"""The data folder: made once, and refused in one line if this version cannot work with it."""

import json
import os
import stat
from pathlib import Path

import pytest

from anb.engines.errors import CannotStart
from anb.local import data_folder
from anb.local.data_folder import LocalSecrets
from anb.settings import MIB, env_file


def refusal(root: Path) -> str:
    with pytest.raises(CannotStart) as caught:
        data_folder.prepare(root)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestPrepare:
    def test_a_new_folder_is_private_and_marked_with_its_layout(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path / "deep" / "var")
        assert stat.S_IMODE(made.root.stat().st_mode) == 0o700
        assert (made.root / "layout").read_text(encoding="ascii") == "1\n"
        assert data_folder.prepare(made.root) == made

    def test_a_folder_of_another_layout_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "layout").write_text("7\n", encoding="ascii")
        assert "layout '7'" in refusal(tmp_path)

    def test_a_folder_of_something_else_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.odt").touch()
        assert "something else" in refusal(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]

    def test_a_cluster_of_another_postgresql_is_refused(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path)
        made.postgres.mkdir()
        (made.postgres / "PG_VERSION").write_text("16\n", encoding="ascii")
        assert "made by PostgreSQL 16" in refusal(tmp_path)

    def test_a_full_disk_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(data_folder, "free_bytes", lambda _: 100 * MIB)
        assert refusal(tmp_path).startswith("Only 100 MB are free")


class TestLock:
    def test_a_twin_is_told_who_runs(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path)
        assert not made.is_running()
        with made.locked():
            assert made.is_running()
            with pytest.raises(CannotStart, match=r"already runs on .* \(process \d+\)"), made.locked():
                pytest.fail("two at once")
        assert not made.is_running()


class TestSecrets:
    def test_a_folder_of_an_older_version_keeps_its_own_and_gets_what_is_new(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path)
        old = {"postgres_superuser": "s", "postgres": "o", "valkey": "v", "secret_key": "k", "demo_password": "d"}
        made.secrets_file.write_text(json.dumps(old), encoding="utf-8")
        known = made.secrets()
        assert {name: getattr(known, name) for name in old} == old
        assert len(known.postgres_app) > 20
        assert made.secrets() == known

    def test_they_are_made_once_and_differ_from_each_other(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path)
        first = made.secrets()
        assert len({*vars(first).values()}) == len(LocalSecrets.__annotations__) == 7
        assert min(len(secret) for secret in vars(first).values()) >= 32
        assert made.secrets() == first
        assert made.secrets() != data_folder.prepare(tmp_path / "other").secrets()

    def test_only_their_owner_may_read_them(self, tmp_path: Path) -> None:
        made = data_folder.prepare(tmp_path)
        made.secrets()
        made.secrets_file.chmod(0o644)
        made.secrets()
        assert stat.S_IMODE(made.secrets_file.stat().st_mode) == 0o600


class TestEnvironment:
    def test_other_commands_read_it_back(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = data_folder.prepare(tmp_path)
        made.keep_environment({"ANB_MEDIA_ROOT": "/a folder/with=signs", "ANB_WORK_DIR": "/w"})
        assert stat.S_IMODE(made.environment_file.stat().st_mode) == 0o600
        monkeypatch.setattr("os.environ", {"ANB_WORK_DIR": "/chosen"})
        env_file(made.environment_file)

        assert os.environ == {"ANB_WORK_DIR": "/chosen", "ANB_MEDIA_ROOT": "/a folder/with=signs"}
