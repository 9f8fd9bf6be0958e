"""How long `anb up` takes until it is ready: the first time, with everything to make, and when its data is there."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from anb.stack.plan import anb
from bench.figures import Figure, Goal
from bench.rig import ROOT, environment, free_port

FIRST, AGAIN = Goal("at most", 20, "value"), Goal("at most", 10, "value")
NOTE = "from the command to the line that says it is ready; the environment is installed"


class NeverReady(RuntimeError):
    """It ended before it was ready; the text is what it said."""


def measure(repeats: int) -> list[Figure]:
    """Start in an empty folder and stop, and again; as often as repeats say."""
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
    """Start, wait for the word, stop in order; return how many seconds it took. Raises NeverReady."""
    begun = time.monotonic()
    with (
        environment(ANB_DATA_DIR=str(place / "data"), ANB_HTTP_PORT=str(free_port())),
        subprocess.Popen(anb("up", "--no-demo"), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ready in" in line:
                took = time.monotonic() - begun
                process.send_signal(signal.SIGINT)
                process.communicate()
                return took
    raise NeverReady("".join(said))
