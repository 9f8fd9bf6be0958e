"""What runs inside a unit that maps no library as code needs the standard library alone."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/hosts/files").glob("*.service*.j2"))
RUNS = re.compile(r"^Exec(?:Start|StartPre|StartPost|Reload|Stop)=[-@:+!]*/usr/bin/python3 (.+)$", re.MULTILINE)
SEALED = [unit for unit in UNITS if "ExecPaths=" in unit.read_text(encoding="utf-8")]
COMMANDS = [command for unit in SEALED for command in RUNS.findall(unit.read_text(encoding="utf-8"))]


def test_the_queue_is_such_a_unit() -> None:
    assert COMMANDS == ["-P -m deploy.hosts repair-queue"]


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_run_without_any_installed_package(command: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", *shlex.split(command)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
