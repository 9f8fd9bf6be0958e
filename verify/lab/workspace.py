"""The lab's folders on this machine, and its requirements."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A program of each Debian package that the lab needs.
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
ADMINISTRATION = ":/usr/sbin:/sbin"  # missing in some root shells


class CannotStand(Exception):
    """The lab cannot run on this machine; the text says what is missing."""


@dataclass(frozen=True)
class LabWorkspace:
    """The folders of the cache and of the running lab."""

    folder: Path

    @property
    def cache(self) -> Path:
        """Return the folder of image, bundles and authority, which are rebuilt only if their sources change."""
        return self.folder / "cache"

    @property
    def standing(self) -> Path:
        """Return the folder of the running lab."""
        return self.folder / "standing"


def here() -> LabWorkspace:
    """Return the folders: in `LAB_DIR`, or next to the data of `anb up`."""
    given = os.environ.get("LAB_DIR") or Path(os.environ.get("ANB_DATA_DIR", ROOT / "var")) / "lab"
    return LabWorkspace(Path(given).resolve())


def prepare() -> None:
    """Install missing packages if apt-get exists. Raises CannotStand."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ADMINISTRATION
    if os.geteuid() != 0:
        raise CannotStand("the lab creates network namespaces and file systems: run it as root on Linux")
    missing = _missing()
    if missing and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", "-qq", *words], check=True, env=environment, stdout=subprocess.DEVNULL)
    if left := _missing():
        raise CannotStand(f"the lab needs these Debian packages: {' '.join(left)}")
    if not Path("/dev/net/tun").exists():
        raise CannotStand("the lab needs /dev/net/tun for its hosts' networks, which this machine lacks")


def _missing() -> list[str]:
    return sorted(package for program, package in NEEDS.items() if shutil.which(program) is None)
