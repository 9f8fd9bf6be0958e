"""Which walls are tried, and what the operator of a machine without any is told."""

import os
import shutil
import subprocess

import pytest

from anb.adapters.sandbox import runner, seccomp
from anb.adapters.sandbox.runner import NoSandbox, bubblewraps, kernels, thickest
from anb.adapters.sandbox.walls import NoWalls


@pytest.fixture
def _nothing_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "proved", lambda _: False)


@pytest.mark.usefixtures("_nothing_holds")
def test_without_walls_it_goes_on_bare_and_where_they_are_required_it_does_not() -> None:
    assert isinstance(thickest.__wrapped__("auto"), NoWalls)
    with pytest.raises(NoSandbox, match="bubblewrap"):
        thickest.__wrapped__("require")


def test_only_root_can_give_a_program_an_id_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: type("Done", (), {"stdout": "bubblewrap 0.8.0"}))
    found = {}
    for user in (0, 1000):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        found[user] = len(list(bubblewraps()))
    assert found == {0: 2, 1000: 1}  # with an id of its own and without; only without


def test_without_a_filter_of_calls_the_kernel_alone_is_no_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "program", lambda: None)
    assert list(kernels()) == []
