"""The data folder of the stack on one machine: layout, secrets, lock, and the settings of the running stack."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anb.disk_space import free_bytes
from anb.engines.binaries import POSTGRES_MAJOR
from anb.engines.errors import CannotStart
from anb.settings import MIB

LAYOUT = "1"
NEEDED_BYTES = 512 * MIB  # below this the application refuses uploads, too
PARTS = ("valkey", "nginx", "media", "work", "logs")


@dataclass(frozen=True)
class LocalSecrets:
    """Secrets that exist only in this data folder; generated once."""

    postgres_superuser: str
    postgres: str  # of the owner of the tables
    postgres_app: str  # of the application
    valkey: str
    secret_key: str
    vote_log_key: str
    demo_password: str


@dataclass(frozen=True)
class DataFolder:
    """A data folder, by its absolute path."""

    root: Path

    @property
    def postgres(self) -> Path:
        """Return PostgreSQL's cluster."""
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        """Return the folder of the logs."""
        return self.root / "logs"

    @property
    def secrets_file(self) -> Path:
        """Return the file with the secrets."""
        return self.root / "secrets.json"

    @property
    def environment_file(self) -> Path:
        """Return the file with the settings of the running stack."""
        return self.root / "anb.env"

    @property
    def _lock_file(self) -> Path:
        return self.root / "stack.lock"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock this folder against a second stack. Raises CannotStart, which names the process that holds the lock."""
        with self._lock_file.open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(f"The stack already runs on {self.root} (process {self._holder() or '?'})") from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield
            lock.truncate(0)

    def is_running(self) -> bool:
        """Say whether a stack runs on this folder."""
        if not self._lock_file.is_file():
            return False
        with self._lock_file.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def secrets(self) -> LocalSecrets:
        """Return the secrets; generate those that are missing: all at first, some after an upgrade.

        The file is made readable for this user only, whatever its mode was.
        """
        path = self.secrets_file
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if missing := [name for name in LocalSecrets.__annotations__ if name not in known]:
            known |= {name: secrets.token_urlsafe(32) for name in missing}
            write_private(path, json.dumps(known))
        path.chmod(0o600)
        return LocalSecrets(**{name: known[name] for name in LocalSecrets.__annotations__})

    def keep_environment(self, environment: Mapping[str, str]) -> None:
        """Write the settings of the running stack, so that other commands find it."""
        write_private(self.environment_file, "".join(f"{name}={value}\n" for name, value in environment.items()))

    def _holder(self) -> str:
        return self._lock_file.read_text(encoding="ascii").strip()


def prepare(root: Path) -> DataFolder:
    """Make the folder, or check that an existing one is ours and of this version. Raises CannotStart."""
    folder = DataFolder(root.resolve())
    folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    check(folder.root)
    (folder.root / "layout").write_text(f"{LAYOUT}\n", encoding="ascii")
    for name in PARTS:
        (folder.root / name).mkdir(mode=0o700, exist_ok=True)
    return folder


def check(root: Path) -> None:
    """Raise CannotStart when this version cannot work with an existing folder."""
    _check_layout(root)
    _check_postgres(root / "postgres")
    check_space(root)


def check_space(path: Path) -> None:
    """Raise CannotStart when the disk is too full to start."""
    free = free_bytes(path)
    if free < NEEDED_BYTES:
        raise CannotStart(
            f"Only {free // MIB} MB are free on the disk of {path}; {NEEDED_BYTES // MIB} MB are needed. "
            "Make room or choose another ANB_DATA_DIR"
        )


def write_private(path: Path, text: str) -> None:
    """Write a file completely or not at all, readable for this user only."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _check_layout(root: Path) -> None:
    mark = root / "layout"
    if mark.is_file():
        found = mark.read_text(encoding="utf-8", errors="replace").strip()
        if found != LAYOUT:
            raise CannotStart(
                f"{root} has layout {found!r}, this version works with {LAYOUT!r}; "
                "start the version that made it, or choose another ANB_DATA_DIR"
            )
    elif any(root.iterdir()):
        raise CannotStart(f"{root} holds files of something else; choose an empty or new folder as ANB_DATA_DIR")


def _check_postgres(cluster: Path) -> None:
    mark = cluster / "PG_VERSION"
    if mark.is_file() and (found := mark.read_text(encoding="ascii").strip()) != POSTGRES_MAJOR:
        raise CannotStart(
            f"{cluster} was made by PostgreSQL {found}, this version brings {POSTGRES_MAJOR}; "
            "move the data with pg_dump of the old version, or choose another ANB_DATA_DIR"
        )
