"""Runs chosen tests against a mutant, in a child process with the libraries already loaded."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from verify.mutation.mutants import ROOT, SOURCE, Mutant

# Plugins are loaded before the child starts, which causes this warning; it would be an error.
OPTIONS = ["-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov",
           "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
_OURS = ("anb", "support", "tests", "verify", "__main__", "mutmut", "libcst")


class MutantVerdict(StrEnum):
    """The verdict on a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"  # the tests did not end, which counts as noticed
    SURVIVED = "survived"
    UNRUN = "unrun"  # no test runs the line
    EQUIVALENT = "equivalent"  # listed as equivalent, with a reason


class Trials:
    """A copy of the sources for mutants, and engines that keep running for all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._source = folder / "src"
        self.log = folder / "pytest.log"

    def failing(self, tests: Sequence[str]) -> set[str]:
        """Return the tests that fail with the unchanged code, and would kill every mutant."""
        self._run(tests, 1800, "--maxfail=1000")
        output = self.log.read_text(encoding="utf-8", errors="replace")
        failed = re.findall(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", output, re.MULTILINE)
        if failed:
            print(f"  left out, because they fail without a mutant: {', '.join(failed)}", flush=True)
        return set(failed)

    def run(self, mutant: Mutant, tests: Sequence[str], limit: float) -> MutantVerdict:
        """Run tests against a mutant, for at most `limit` seconds."""
        path = self._source.joinpath(*mutant.module.split(".")).with_suffix(".py")
        kept = path.read_bytes()
        try:
            path.write_text(mutant.text, encoding="utf-8")
            return self._run(tests, limit)
        finally:
            path.write_bytes(kept)

    def _run(self, tests: Sequence[str], limit: float, *options: str) -> MutantVerdict:
        child = os.fork()
        if child == 0:
            self._be_the_child([*options, *tests])
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return MutantVerdict.SURVIVED if os.waitstatus_to_exitcode(status) == 0 else MutantVerdict.KILLED
            time.sleep(0.01)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return MutantVerdict.TIMEOUT

    def _be_the_child(self, arguments: Sequence[str]) -> None:
        """Run the tests and exit: this process must not return to the parent's code."""
        code = 70
        try:
            os.setpgid(0, 0)
            output = os.open(self.log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
            for standard in (1, 2):
                os.dup2(output, standard)
            # Bytecode of two mutants with the same size and second could be confused, so none is written.
            sys.dont_write_bytecode = True
            sys.path.insert(0, str(self._source))
            for module in [name for name in sys.modules if name.partition(".")[0] in {"anb", "support"}]:
                del sys.modules[module]  # the parent's modules do not contain the mutant
            os.environ |= {
                "PYTHONPATH": str(self._source),
                "PYTHONDONTWRITEBYTECODE": "1",
                "HYPOTHESIS_STORAGE_DIRECTORY": str(self._folder / "hypothesis"),
            }
            os.chdir(ROOT)
            code = int(import_module("pytest").main([*OPTIONS, *arguments]))
        except BaseException:  # noqa: BLE001 - nothing may leave the child; the log contains the error
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


@contextmanager
def trials() -> Iterator[Trials]:
    """Start the engines, load the libraries, and copy the sources; stop and remove everything at the end."""
    with tempfile.TemporaryDirectory(prefix="anb-mutation-") as name:
        folder = Path(name)
        shutil.copytree(SOURCE, folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        sys.path[:0] = [str(ROOT / "tests")]
        shared = import_module("support.shared")
        shared.begin()
        try:
            _load_libraries()
            yield Trials(folder)
        finally:
            shared.end()


def _load_libraries() -> None:
    """Import what the tests import, except our own code, so that a child has to load only that."""
    command = [sys.executable, "-c", "import pytest, support.worlds, support.tus, sys; print(*sys.modules, sep='\\n')"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    for module in [*done.stdout.split(), "hypothesis", "_hypothesis_pytestplugin"]:
        if module.partition(".")[0] not in _OURS:
            try:
                import_module(module)
            except ImportError:
                continue  # a module name that a library invented
