"""The disk that every lab host starts from: Debian 13 with the hosts' packages, kept by what it is made of."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy.lab.guest import furniture
from deploy.lab.kernel import Kernel

SUITE = "trixie"
# What a cloud image of Debian brings besides what the hosts' definitions ask for.
CLOUD_IMAGE = (
    "ca-certificates", "cloud-init", "dbus", "iproute2", "kmod", "openssh-server", "python3", "python3-boto3",
    "systemd", "systemd-sysv", "udev",
)  # fmt: skip
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
DISK = "8G"  # a sparse file: what a host's disk could hold


@dataclass(frozen=True)
class Image:
    """What goes into it."""

    packages: tuple[str, ...]
    authority: Path  # the certificate of the lab's own authority, in PEM
    kernel: Kernel  # that boots it, and whose modules are in it

    @property
    def key(self) -> str:
        """Name what it is made of: packages, authority, the kernel's modules and what the lab puts in."""
        parts = [
            " ".join(self.packages),
            DISK,
            self.authority.read_text(encoding="ascii"),
            self.kernel.release,
            *(path.read_text(encoding="utf-8") for path in (Path(__file__), *furniture.sources())),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def define(packages: Iterable[str], authority: Path, kernel: Kernel) -> Image:
    """Return the image that has these packages besides those of a cloud image."""
    return Image(tuple(sorted({*CLOUD_IMAGE, *packages})), authority, kernel)


def build(image: Image, cache: Path) -> Path:
    """Return the disk, made now if the cache has none like it; older ones are removed."""
    disk = cache / f"image-{image.key}.ext4"
    if disk.exists() and image.kernel.is_complete:
        return disk
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("image-*.ext4"):
        old.unlink()
    with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as making:
        root = Path(making) / "root"
        bootstrap(image, root)
        image.kernel.complete(root)
        furniture.furnish(root, image.kernel.modules, image.authority)
        unfinished = Path(making) / "disk"
        options = "lazy_itable_init=1,lazy_journal_init=1"
        _run("mke2fs", "-q", "-t", "ext4", "-d", root, "-L", "root", "-m", "1", "-E", options, unfinished, DISK)
        unfinished.rename(disk)
    return disk


def bootstrap(image: Image, root: Path) -> None:
    """Install Debian with the image's packages into a folder."""
    _run(
        "mmdebstrap",
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(image.packages)}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        "--dpkgopt=force-unsafe-io",
        '--aptopt=Apt::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        SUITE,
        root,
        f"deb http://deb.debian.org/debian {SUITE} main",
        f"deb http://deb.debian.org/debian {SUITE}-updates main",
        f"deb http://deb.debian.org/debian-security {SUITE}-security main",
    )
    shutil.rmtree(root / "var/cache/apt", ignore_errors=True)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
