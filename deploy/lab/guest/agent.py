"""Inside a lab host: run what the lab asks for, one connection a script, on a network of its own.

It runs on the host's own Python and needs the standard library alone. Each connection is a process, so that nothing one
of them does can keep the next from being heard.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

INTERFACE = "vec1"
PORT = 7
MOST_OUTPUT = 4 << 20  # bytes of an answer: the rest of a long log is of no use to anybody


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
        return {"code": -9, "out": "", "err": "killed: it took too long"}
    return {"code": child.returncode, "out": _text(out), "err": _text(err)}


def answer(connection: socket.socket) -> None:
    """Answer one line of JSON with one: the end of a script, or which boot this is."""
    with connection.makefile("rwb") as stream:
        request = json.loads(stream.readline())
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        reply = run(request) if "script" in request else {"boot": boot}
        stream.write(json.dumps(reply).encode() + b"\n")


def serve(address: str) -> None:
    """Answer until the host stops."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how these processes ended
    with socket.create_server((address, PORT), backlog=64) as server:
        while True:
            connection, _ = server.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                server.close()
                answer(connection)
                os._exit(0)
            connection.close()


def address_of_line() -> str:
    """Return the address that the kernel was told to have on the lab's own network, with its size."""
    words = Path("/proc/cmdline").read_text(encoding="ascii").split()
    return next(word.partition("=")[2] for word in words if word.startswith("lab.line="))


def _text(output: bytes) -> str:
    return output[-MOST_OUTPUT:].decode(errors="replace")


def main() -> int:
    """Take the address and serve on it."""
    address = address_of_line()
    for words in (["address", "replace", address, "dev", INTERFACE], ["link", "set", INTERFACE, "up"]):
        subprocess.run(["ip", *words], check=True)
    serve(address.partition("/")[0])
    return 1


if __name__ == "__main__":
    sys.exit(main())
