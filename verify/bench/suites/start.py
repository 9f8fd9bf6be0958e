"""How long `anb up` takes until it is ready: the first start, and a start with existing data."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from anb.local.plan import anb
from verify.bench.bench_platform import ROOT, environment
from verify.kit.figures import Figure, Goal
from verify.kit.ports import free_port

FIRST, AGAIN = Goal("at most", 20, "value"), Goal("at most", 10, "value")
NOTE = "from the command to the line that says it is ready; the environment is installed"


class NeverReady(RuntimeError):
    """The command ended before it was ready; the text is its output."""


def measure(repeats: int) -> list[Figure]:
    """Start in an empty folder, stop, and start again, `repeats` times."""
    first, again = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="anb-bench-") as place:
            first.append(_ready(Path(place)))
            again.append(_ready(Path(place)))
    return [
        Figure("start", "first start, until ready", "s", tuple(first), goal=FIRST, note=NOTE),
        Figure("start", "next start, until ready", "s", tuple(again), goal=AGAIN, note=NOTE),
    ]


def _ready(place: Path) -> float:
    """Start, wait until it is ready, and stop. Return the seconds. Raises NeverReady."""
    begun = time.monotonic()
    with (
        environment(ANB_DATA_DIR=str(place / "data"), ANB_HTTP_PORT=str(free_port())),
        subprocess.Popen(anb("up", "--no-demo"), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout
        output = []
        for line in process.stdout:
            output.append(line)
            if "Ready in" in line:
                took = time.monotonic() - begun
                process.send_signal(signal.SIGINT)
                process.communicate()
                return took
    raise NeverReady("".join(output))
