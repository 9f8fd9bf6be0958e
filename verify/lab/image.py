"""The disk image of every lab host: Debian 13 with the hosts' packages, cached by its content."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from verify.lab.guest import guest_image
from verify.lab.kernel import LinuxKernel

SUITE = "trixie"
# Packages of Debian's cloud images that the hosts' definitions do not name.
CLOUD_IMAGE = (
    "ca-certificates", "cloud-init", "dbus", "iproute2", "kmod", "openssh-server", "python3", "python3-boto3",
    "systemd", "systemd-sysv", "udev",
)  # fmt: skip
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
DISK = "8G"  # a sparse file: the size of a host's disk


@dataclass(frozen=True)
class Image:
    """The content of the image."""

    packages: tuple[str, ...]
    authority: Path  # certificate of the lab's authority, in PEM
    kernel: LinuxKernel  # boots it; the image contains its modules

    @property
    def key(self) -> str:
        """Return a name derived from packages, authority, kernel modules and the lab's changes."""
        parts = [
            " ".join(self.packages),
            DISK,
            self.authority.read_text(encoding="ascii"),
            self.kernel.release,
            *(path.read_text(encoding="utf-8") for path in (Path(__file__), *guest_image.sources())),
        ]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def define(packages: Iterable[str], authority: Path, kernel: LinuxKernel) -> Image:
    """Return the image with these packages in addition to those of a cloud image."""
    return Image(tuple(sorted({*CLOUD_IMAGE, *packages})), authority, kernel)


def build(image: Image, cache: Path) -> Path:
    """Return the disk, built if the cache does not have it. Older ones are removed."""
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
        guest_image.furnish(root, image.kernel.modules, image.authority)
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
