"""Inside a lab host: run what the lab asks for, a line of JSON each way, over the second serial line.

It runs on the host's own Python and needs the standard library alone.
"""

import json
import os
import signal
import subprocess
import threading
import tty
from pathlib import Path
from typing import Any, BinaryIO

LINE = "/dev/ttyS1"
MOST_OUTPUT = 1 << 20  # bytes of an answer: the rest of a long log is of no use to anybody


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a script with bash and say how it ended; after its time everything it started is killed."""
    child = subprocess.Popen(
        ["/bin/bash", "-c", request["script"]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=request["seconds"])
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        err += b"\nkilled: it took too long"
    return {"code": child.returncode, "out": _text(out), "err": _text(err)}


def serve(line: BinaryIO) -> None:
    """Answer requests, each in a thread of its own, until the line ends."""
    speaking = threading.Lock()

    def say(message: dict[str, Any]) -> None:
        with speaking:
            line.write(json.dumps(message).encode() + b"\n")
            line.flush()

    def answer(request: dict[str, Any]) -> None:
        say({"id": request["id"], **run(request)})

    say({"id": 0, "boot": Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()})
    for raw in line:
        if raw.startswith(b"{"):
            threading.Thread(target=answer, args=(json.loads(raw),), daemon=True).start()


def _text(output: bytes) -> str:
    return output[-MOST_OUTPUT:].decode(errors="replace")


def main() -> None:
    """Open the line, raw, and serve."""
    handle = os.open(LINE, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(handle)
    with os.fdopen(handle, "r+b", buffering=0) as line:
        serve(line)


if __name__ == "__main__":
    main()
