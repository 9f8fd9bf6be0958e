"""The kernel of the lab hosts, its source, and the command that boots it: memory, disk, taps, seed."""

import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from deploy.hosts.digest import sha256_of

from verify.lab.addresses import Place

QUIET = ("quiet", "systemd.show_status=0", "selinux=0", "audit=0")
# Since 6.16 it intercepts system calls with seccomp, in half of ptrace's time. Debian 13 has an older one, and newer
# suites change, so this one is identified by its checksum.
NEWER = "http://deb.debian.org/debian/pool/main/u/user-mode-linux/user-mode-linux_7.2um1_amd64.deb"
NEWER_SHA256 = "f947c9244fd79d481299df2ad68961f6b3b7703bff38c4b0e726f861161da62c"
SECONDS = 60  # time limit of the download
# Libraries of Debian 13 that the newer kernel needs; this machine may be too old to have them.
LIBRARIES = (
    "usr/lib64/ld-linux-x86-64.so.2",
    "usr/lib/x86_64-linux-gnu/libc.so.6",
    "usr/lib/x86_64-linux-gnu/libgcc_s.so.1",
)


@dataclass(frozen=True)
class LinuxKernel:
    """A kernel: the folder with `usr/bin/linux.uml` and its modules, which is / for this machine's own."""

    home: Path

    @property
    def modules(self) -> Path:
        """Return the folder of its modules."""
        return self.home / "usr/lib/uml/modules"

    @property
    def release(self) -> str:
        """Return its release name."""
        return " ".join(sorted(path.name for path in self.modules.iterdir()))

    @property
    def is_ours(self) -> bool:
        """Return whether the lab downloaded it."""
        return self.home != Path("/")

    @property
    def is_complete(self) -> bool:
        """Return whether it can be started."""
        return not self.is_ours or all((self.home / name).exists() for name in LIBRARIES)

    def complete(self, debian: Path) -> None:
        """Copy the libraries it needs from a folder with Debian."""
        for name in LIBRARIES if self.is_ours else ():
            target = self.home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(debian / name, target)


def obtain(cache: Path, say: Callable[[str], None], source: str = NEWER, digest: str = NEWER_SHA256) -> LinuxKernel:
    """Return the newer kernel, downloaded if the cache has none, or this machine's own if that fails."""
    home = cache / f"kernel-{digest[:16]}"
    if not home.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as making:
            package, unpacked = Path(making) / "package", Path(making) / "unpacked"
            try:
                _fetch(source, digest, package)
            except (OSError, ValueError) as error:
                say(f"booting this machine's own kernel, which takes twice as long: {source}: {error}")
                return LinuxKernel(Path("/"))
            subprocess.run(["dpkg-deb", "-x", package, unpacked], check=True)
            unpacked.rename(home)
    return LinuxKernel(home)


def _fetch(source: str, digest: str, package: Path) -> None:
    with urllib.request.urlopen(source, timeout=SECONDS) as answer, package.open("wb") as file:  # noqa: S310 - ours
        shutil.copyfileobj(answer, file)
    if (found := sha256_of(package)) != digest:
        raise ValueError(f"its SHA-256 is {found}, not {digest}")


def processor(number: int, usable: Collection[int] | None = None) -> int:
    """Return the processor on which to pin a host, by its number among the hosts."""
    known = sorted(usable or os.sched_getaffinity(0))
    return known[number % len(known)]


def command(kernel: LinuxKernel, place: Place, folder: Path, image: Path, mib: int, cpu: int) -> list[str]:
    """Return the command. The host writes to `root.cow` in its folder, on top of the shared image.

    Kernel and processes run alternately: pinned to one processor, a system call takes a quarter of the time it takes
    across two.
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


def _room(kernel: LinuxKernel, folder: Path, image: Path) -> list[str]:
    """Return the view that a kernel of another Debian has of this machine: its own files, the host's, and devices."""
    return [
        "bwrap",
        *("--ro-bind", str(kernel.home / "usr"), "/usr"),
        *("--symlink", "usr/lib64", "/lib64", "--symlink", "usr/lib", "/lib"),
        *("--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"),
        *("--bind", str(folder), str(folder), "--ro-bind", str(image), str(image)),
        "--",
    ]
