"""A host whose package lacks a known fix gets it at once, and reports it until then."""

from pathlib import Path

import pytest
from deploy.hosts import baseline

from anb.engines import minimums
from support.hosts import Listening, System, machine

OLD = "1.26.3-3+deb13u10"
LEAST = minimums.known().debian["nginx"]["13"]
LATE = f"nginx {OLD}, at least {LEAST}"


def host_with(root: Path, *revisions: str) -> tuple[Listening, System]:
    """Return a host whose nginx has these revisions, one after another, each time it is asked."""
    host, system = machine(root)
    left = [*revisions]
    system.answers["dpkg-query -W -f ${Version} nginx"] = lambda _: (0, left.pop(0) if left[1:] else left[0])
    system.answers["dpkg --compare-versions"] = lambda command: (int(command[2] != LEAST), "")
    return host, system


def patched(system: System) -> list[list[str]]:
    return [command for command in system.ran("apt-get") if "--only-upgrade" in command]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (LEAST, [f"behind known fixes: {LATE}"]),
        (OLD, [f"behind known fixes: {LATE}", f"STILL behind known fixes: {LATE}; see `anb-host status`"]),
    ],
    ids=["and the upgrade brings it", "and none is to be had"],
)
def test_what_is_behind_is_upgraded_at_once(tmp_path: Path, after: str, said: list[str]) -> None:
    host, system = host_with(tmp_path, OLD, after)
    baseline.patch(host, ["nginx", "nfs-common"])
    assert [command[-1] for command in patched(system)] == ["nginx"]
    assert host.lines == said


def test_what_has_its_fixes_is_left_alone(tmp_path: Path) -> None:
    host, system = host_with(tmp_path, LEAST)
    baseline.patch(host, ["nginx"])
    assert (patched(system), host.lines) == ([], [])
