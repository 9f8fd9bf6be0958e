"""`make test`: every test in parallel. Options go to pytest: `tests/run.py -k votes`.

Tests marked slow or byhand are left out, unless the options say otherwise; `make test-slow` and `make test-byhand` run
only those. Measuring coverage (coverage_gate.py) costs a fifth of the time, so only CI does it: COVERAGE=1 make test.
"""

import os
import subprocess
import sys
from pathlib import Path

import coverage_gate

ROOT = Path(__file__).parents[1]


def main(options: list[str]) -> int:
    """Run the tests; with coverage, the whole suite must also reach its minimum."""
    judged = not options and bool(os.environ.get("COVERAGE"))
    # Mutants are later tried with the tests that ran the changed line.
    gate = ["--cov=anb", "--cov-context=test", "--cov-report="] if judged else []
    chosen = [] if "-m" in options else ["-m", "not slow and not byhand"]
    workers = max(3, min(4, os.cpu_count() or 2))  # one more than two processors: each waits for the platform at times
    command = [sys.executable, "-m", "pytest", "-q", f"-n{workers}", "--dist=worksteal", *gate, *chosen, *options]
    # Bytecode is kept in a hidden folder, whatever the shell says: compiling all tests in each worker takes seconds.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(sys.prefix, "bytecode"))}
    failed = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    too_low = judged and coverage_gate.main()
    return failed or too_low


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
