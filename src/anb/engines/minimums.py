"""The oldest versions that may run: read from a file that people maintain, and compared with what is installed."""

import re
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("minimums.toml")
OS_RELEASE = Path("/etc/os-release")
SECONDS = 10  # time limit for dpkg


@dataclass(frozen=True)
class Minimums:
    """The contents of minimums.toml."""

    checked: str  # the day on which a person last read the sources
    debian: Mapping[str, Mapping[str, str]]  # package -> release of Debian -> revision
    wheels: Mapping[str, str]  # package -> release of Debian -> revision
    behind: Mapping[str, str]  # distribution -> version


@cache
def known() -> Minimums:
    """Read the file."""
    text = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Minimums(str(text["checked"]), text["debian"], text["wheels"], text["behind"])


def debian_release(path: Path = OS_RELEASE) -> str:
    """Return the release number of this machine's Debian; empty on other systems."""
    if not path.is_file():
        return ""
    named = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', path.read_text(encoding="utf-8"), re.MULTILINE))
    return named.get("VERSION_ID", "") if named.get("ID") == "debian" else ""


def installed(package: str) -> str:
    """Return the installed revision of a Debian package; empty if it is not installed or dpkg is missing."""
    return _dpkg("dpkg-query", "-W", "-f", "${Version}", package) or ""


def suffices(package: str, revision: str, release: str) -> bool:
    """Say whether a revision of a package has the fixes; False for a release that the file does not name."""
    least = known().debian.get(package, {}).get(release)
    return bool(least and revision) and _dpkg("dpkg", "--compare-versions", revision, "ge", least or "") is not None


def older(version: str, least: str) -> bool:
    """Say whether a version of a wheel is older than another; both are plain numbers with dots."""
    return _numbers(version) < _numbers(least)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _dpkg(*command: str) -> str | None:
    """Return the output of a dpkg command; None when it fails or dpkg is missing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
