"""`make test`: every floor in parallel. Options go to pytest: `tests/run.py -k votes`.

What is marked slow is left out, unless the options say otherwise; `make test-slow` runs that and nothing else. The gate
on coverage costs a fifth of the time, so only CI has it: COVERAGE=1 make test.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(options: list[str]) -> int:
    """Run the tests; the whole suite also has to cover what must be covered (pyproject.toml, coverage.report)."""
    gate = [] if options or not os.environ.get("COVERAGE") else ["--cov=anb", "--cov-report=term-missing:skip-covered"]
    chosen = [] if "-m" in options else ["-m", "not slow"]
    workers = max(3, min(4, os.cpu_count() or 2))  # one more than two processors: each waits for the platform at times
    command = [sys.executable, "-m", "pytest", "-q", f"-n{workers}", "--dist=worksteal", *gate, *chosen, *options]
    # Bytecode is kept, out of sight, whatever the shell says: compiling all tests anew in each worker takes seconds.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(sys.prefix, "bytecode"))}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
