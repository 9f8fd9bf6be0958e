"""A process that runs the engines of a test run until it is told to stop: `python engines_main.py FOLDER SAID`."""

import json
import signal
import sys
import threading
from pathlib import Path

from support.stack import start_engines


def main(folder: Path, said: Path) -> None:
    """Start, write the addresses, wait, stop."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    engines = start_engines(folder)
    try:
        unfinished = said.with_suffix(".new")
        unfinished.write_text(json.dumps([engines.database_url, engines.redis_url]))
        unfinished.rename(said)
        stopped.wait()
    finally:
        engines.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
