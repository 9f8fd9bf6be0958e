"""Inside a lab host: runs the lab's scripts, one per connection, on the control network.

It uses the host's own Python and only the standard library. Each connection is a process, so that no script can block
the next one.
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
MOST_OUTPUT = 4 << 20  # bytes of an answer: more of a long log is useless


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Run a script with bash and return its result. After the time limit, kill everything it started."""
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
    """Answer one line of JSON with another: the result of a script, or the id of this boot."""
    with connection.makefile("rwb") as stream:
        request = json.loads(stream.readline())
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        reply = run(request) if "script" in request else {"boot": boot}
        stream.write(json.dumps(reply).encode() + b"\n")


def serve(address: str) -> None:
    """Serve until the host stops."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # exit codes of these processes are not needed
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
    """Return the host's address and prefix on the control network, from the kernel's command line."""
    words = Path("/proc/cmdline").read_text(encoding="ascii").split()
    return next(word.partition("=")[2] for word in words if word.startswith("lab.line="))


def _text(output: bytes) -> str:
    return output[-MOST_OUTPUT:].decode(errors="replace")


def main() -> int:
    """Serve on the control network's address."""
    address = address_of_line()
    for words in (["address", "replace", address, "dev", INTERFACE], ["link", "set", INTERFACE, "up"]):
        subprocess.run(["ip", *words], check=True)
    serve(address.partition("/")[0])
    return 1


if __name__ == "__main__":
    sys.exit(main())
