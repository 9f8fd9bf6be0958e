"""Where control groups may be made: named by the kernel's lists, tried before they are trusted, and swept."""

import os
from pathlib import Path

import pytest

from anb.adapters.sandbox import cgroup

FIRST = """\
30 25 0:26 / {root}/memory rw - cgroup cgroup rw,memory
31 25 0:27 / {root}/pids rw - cgroup cgroup rw,pids
32 25 0:28 / {root}/cpu rw - cgroup cgroup rw,cpu
33 25 0:29 / {root}/unified rw - cgroup2 cgroup2 rw
"""
SECOND = "30 25 0:26 / {root} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
INSIDE = "30 25 0:26 /docker/abc {root} rw - cgroup2 cgroup2 rw\n"


def kernel(folder: Path, mounts: str, groups: str) -> Path:
    """Write what the kernel reports of a process."""
    proc = folder / "proc"
    proc.mkdir()
    (proc / "mountinfo").write_text(mounts.format(root=folder / "cgroup"))
    (proc / "cgroup").write_text(groups)
    return proc


def made(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "cgroup" / name).mkdir(parents=True)


def test_in_version_1_each_controller_has_a_tree(tmp_path: Path) -> None:
    made(tmp_path, "memory/user", "pids/user", "cpu/user", "unified/user")
    proc = kernel(tmp_path, FIRST, "9:cpu:/user\n8:pids:/user\n4:memory:/user\n0::/user\n")
    assert set(cgroup.trees(proc)) == {tmp_path / "cgroup/memory/user", tmp_path / "cgroup/pids/user"}


def test_in_version_2_it_is_the_group_that_systemd_handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "system.slice/anb-worker.service/main")
    proc = kernel(tmp_path, SECOND, "0::/system.slice/anb-worker.service/main\n")
    assert cgroup.trees(proc) == ()
    cgroup.trees.cache_clear()
    service = tmp_path / "cgroup/system.slice/anb-worker.service"
    monkeypatch.setattr(os, "getxattr", lambda path, _: b"1" if Path(path) == service else b"0")
    assert cgroup.trees(proc) == (service,)


def test_a_container_that_sees_its_own_tree_finds_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "unit/main")
    monkeypatch.setattr(os, "getxattr", lambda *_: b"1")
    proc = kernel(tmp_path, INSIDE, "0::/docker/abc/unit/main\n")
    assert cgroup.trees(proc) == (tmp_path / "cgroup/unit",)


def test_without_a_kernel_that_tells_there_is_none(tmp_path: Path) -> None:
    assert cgroup.trees(tmp_path / "nothing") == ()


def test_a_group_of_a_worker_that_is_gone_is_swept_and_others_stay(tmp_path: Path) -> None:
    made(tmp_path, "memory/user/anb-99999999-0", f"memory/user/anb-{os.getpid()}-77", "memory/user/other")
    proc = kernel(tmp_path, FIRST, "4:memory:/user\n")
    assert cgroup.trees(proc) == (tmp_path / "cgroup/memory/user",)
    left = {path.name for path in (tmp_path / "cgroup/memory/user").iterdir()}
    assert left == {f"anb-{os.getpid()}-77", "other"}
