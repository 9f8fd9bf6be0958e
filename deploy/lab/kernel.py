"""The kernel that lab hosts boot, where it is from, and the command that boots one: memory, disk, taps, seed."""

import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from deploy.hosts.digest import sha256_of
from deploy.lab.addresses import Place

QUIET = ("quiet", "systemd.show_status=0", "selinux=0", "audit=0")
# Since 6.16 system calls are caught by seccomp instead of ptrace, in half the time. Debian 13 has an older one, and the
# suites that have it move on, so this one is known by what it is.
NEWER = "http://deb.debian.org/debian/pool/main/u/user-mode-linux/user-mode-linux_7.2um1_amd64.deb"
NEWER_SHA256 = "f947c9244fd79d481299df2ad68961f6b3b7703bff38c4b0e726f861161da62c"
SECONDS = 60  # to download it in
# What the newer one needs of Debian 13, which this machine may be too old to have.
LIBRARIES = (
    "usr/lib64/ld-linux-x86-64.so.2",
    "usr/lib/x86_64-linux-gnu/libc.so.6",
    "usr/lib/x86_64-linux-gnu/libgcc_s.so.1",
)


@dataclass(frozen=True)
class Kernel:
    """A kernel: the folder that has `usr/bin/linux.uml` and its modules, which is / for this machine's own."""

    home: Path

    @property
    def modules(self) -> Path:
        """The folder of its modules, by its release."""
        return self.home / "usr/lib/uml/modules"

    @property
    def release(self) -> str:
        """What it calls itself."""
        return " ".join(sorted(path.name for path in self.modules.iterdir()))

    @property
    def is_ours(self) -> bool:
        """Whether the lab brought it."""
        return self.home != Path("/")

    @property
    def is_complete(self) -> bool:
        """Whether it can be started."""
        return not self.is_ours or all((self.home / name).exists() for name in LIBRARIES)

    def complete(self, debian: Path) -> None:
        """Take the libraries it needs from a folder that has Debian in it."""
        for name in LIBRARIES if self.is_ours else ():
            target = self.home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(debian / name, target)


def obtain(cache: Path, say: Callable[[str], None], source: str = NEWER, digest: str = NEWER_SHA256) -> Kernel:
    """Return the newer kernel, fetched now if the cache has none; this machine's own where it cannot be had."""
    home = cache / f"kernel-{digest[:16]}"
    if not home.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as making:
            package, unpacked = Path(making) / "package", Path(making) / "unpacked"
            try:
                _fetch(source, digest, package)
            except (OSError, ValueError) as error:
                say(f"booting this machine's own kernel, which takes twice as long: {source}: {error}")
                return Kernel(Path("/"))
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
            unpacked.rename(home)
    return Kernel(home)


def _fetch(source: str, digest: str, package: Path) -> None:
    with urllib.request.urlopen(source, timeout=SECONDS) as answer, package.open("wb") as file:  # noqa: S310 - ours
        shutil.copyfileobj(answer, file)
    if (found := sha256_of(package)) != digest:
        raise ValueError(f"its SHA-256 is {found}, not {digest}")


def processor(number: int, usable: Collection[int] | None = None) -> int:
    """Return which of this machine's processors a host is kept on, by its number among the hosts."""
    known = sorted(usable or os.sched_getaffinity(0))
    return known[number % len(known)]


def command(kernel: Kernel, place: Place, folder: Path, image: Path, mib: int, cpu: int) -> list[str]:
    """Return the command. What the host writes goes to `root.cow` in its folder, over the image that all share.

    The kernel and its processes wait for one another, one at a time: kept on one processor, a system call takes a
    quarter of the time that it takes when they are woken on another.
    """
    return [
        *("taskset", "--cpu-list", str(cpu)),
        *(_room(kernel, folder, image) if kernel.is_ours else ()),
        "linux.uml",
        *(["seccomp=auto"] if kernel.is_ours else []),
        f"mem={mib}M",
        f"ubd0={folder / 'root.cow'},{image}",
        "root=/dev/ubda",
        "rw",
        f"hostfs={folder / 'seed'}",
        f"vec0:transport=tap,ifname={place.port},depth=128,gro=1,mac={place.mac}",
        f"vec1:transport=tap,ifname={place.line_port},mac={place.line_mac}",
        f"lab.line={place.line}",
        f"uml_dir={folder}",
        "con0=null,fd:1",
        "con=null",
        *QUIET,
    ]


def _room(kernel: Kernel, folder: Path, image: Path) -> list[str]:
    """Return what a kernel that is of another Debian sees of this machine: its own files, the host's, and devices."""
    return [
        "bwrap",
        *("--ro-bind", str(kernel.home / "usr"), "/usr"),
        *("--symlink", "usr/lib64", "/lib64", "--symlink", "usr/lib", "/lib"),
        *("--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"),
        *("--bind", str(folder), str(folder), "--ro-bind", str(image), str(image)),
        "--",
    ]
