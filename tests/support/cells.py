"""Programs that try to get out of a cell, behind each kind of walls that this machine has."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from anb.adapters.sandbox.requirements import PYTHON, of_python, path_of, python
from anb.adapters.sandbox.runner import Sandbox, bubblewraps, kernels
from anb.adapters.sandbox.spec import Cell
from anb.adapters.sandbox.walls import Walls
from anb.process.spawn import said_by
from anb.settings import MIB

MEMORY = 512 * MIB
WALLS: list[Walls] = (
    [*bubblewraps(), *[walls for walls in kernels() if walls.landlock]] if sys.platform == "linux" else []
)
# A test of walls that this machine does not have is skipped, by name.
EACH = pytest.mark.parametrize(
    "walls",
    [pytest.param(walls, id=walls.name) for walls in WALLS]
    or [pytest.param(None, marks=pytest.mark.skip("this machine has none"))],
)
BUBBLEWRAP = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
# Print the result of each attempt: what it returned, or the name of the error.
TELL = """
import json, sys
told = {{}}
for name, attempt in {attempts}.items():
    try:
        told[name] = eval(attempt, {{"__builtins__": __builtins__, "sys": sys, "os": __import__("os")}})
    except BaseException as error:
        told[name] = type(error).__name__
print(json.dumps(told, default=str))
"""


@dataclass
class Ended:
    """How a program in a cell ended, and its output."""

    code: int
    said: bytes
    complained: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The results of its attempts."""
        assert self.code == 0, self.complained.decode()
        return dict(json.loads(self.said))


def attempts(
    walls: Walls, tried: dict[str, str], reads: Sequence[Path] = (), writes: Path | None = None
) -> dict[str, Any]:
    """Evaluate expressions of Python in a cell; `sys.argv` holds its files, then the folder with a name in it."""
    addresses = [f"file:{path}" for path in reads] + ([f"file:{writes}/made"] if writes else [])
    return run(
        walls, TELL.format(attempts=repr(tried)), addresses, Cell(of_python("ctypes"), tuple(reads), writes)
    ).told


def run(
    walls: Walls,
    code: str,
    addresses: Sequence[str] = (),
    cell: Cell | None = None,
    memory: int = MEMORY,
    **limits: int,
) -> Ended:
    """Run Python code in a cell."""
    cell = cell or Cell(of_python("ctypes"), environment=path_of())
    with Sandbox(walls=walls).running(
        [python(), *PYTHON, "-c", code, *addresses], cell, memory=memory, **limits
    ) as process:
        said = list(said_by(process, 0.1))
    return Ended(process.returncode, b"".join(out for out, _ in said), b"".join(err for _, err in said))
