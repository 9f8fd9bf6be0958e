"""Where the lab keeps things on this machine, and what it needs of it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A program of each Debian package that the lab is made with.
NEEDS: Mapping[str, str] = {
    "bwrap": "bubblewrap",
    "curl": "curl",
    "dnsmasq": "dnsmasq-base",
    "ethtool": "ethtool",
    "ip": "iproute2",
    "depmod": "kmod",
    "linux.uml": "user-mode-linux",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "openssl": "openssl",
    "taskset": "util-linux",
    "unshare": "util-linux",
}
ADMINISTRATION = ":/usr/sbin:/sbin"  # a shell of root's may lack them


class CannotStand(Exception):
    """The lab cannot stand on this machine; the text says what is missing."""


@dataclass(frozen=True)
class Ground:
    """The folders: what is kept from run to run, and what stands now."""

    folder: Path

    @property
    def cache(self) -> Path:
        """Image, bundles and the authority: made anew only when what they are made of changed."""
        return self.folder / "cache"

    @property
    def standing(self) -> Path:
        """The lab that stands."""
        return self.folder / "standing"


def here() -> Ground:
    """Return the ground: `LAB_DIR`, or a folder beside the data of `anb up`."""
    given = os.environ.get("LAB_DIR") or Path(os.environ.get("ANB_DATA_DIR", ROOT / "var")) / "lab"
    return Ground(Path(given).resolve())


def prepare() -> None:
    """Install what is missing where apt-get is there. Raises CannotStand."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ADMINISTRATION
    if os.geteuid() != 0:
        raise CannotStand("the lab makes network namespaces and file systems: run it as root, on Linux")
    missing = _missing()
    if missing and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", "-qq", *words], check=True, env=environment, stdout=subprocess.DEVNULL)
    if left := _missing():
        raise CannotStand(f"the lab needs these packages of Debian: {' '.join(left)}")
    if not Path("/dev/net/tun").exists():
        raise CannotStand("the lab needs /dev/net/tun for its hosts' networks, and this machine has none")


def _missing() -> list[str]:
    return sorted(package for program, package in NEEDS.items() if shutil.which(program) is None)
