"""Restores a backup into an empty database and share, and verifies every file."""

import hashlib
import os
from pathlib import Path

from anb.settings import MIB
from deploy.hosts import dump
from deploy.hosts.backup_store import BackupObject, BackupStore, Manifest
from deploy.hosts.digest import sha256_of
from deploy.hosts.machine import CannotConverge, Machine

CHUNK = MIB


def put_back(
    machine: Machine, backup_store: BackupStore, database_url: str, media: Path, work: Path, name: str = ""
) -> str:
    """Restore a backup, by default the newest. Return its name.

    Raises CannotConverge, also if it would overwrite existing data.
    """
    manifest = _manifest(backup_store, name)
    if not dump.is_empty(database_url):
        raise CannotConverge("the database is not empty: a restore needs a new one and never overwrites existing data")
    machine.say(f"restoring backup {manifest.name} of release {manifest.release}")
    for number, (place, saved) in enumerate(sorted(manifest.files.items()), 1):
        fetch(backup_store, saved, media / place)
        if number % 100 == 0:
            machine.say(f"{number} of {len(manifest.files)} files are restored")
    machine.say(f"all {len(manifest.files)} files are restored, each with its SHA-256")
    # The database comes last: an interrupted restore can be started again until all files are restored.
    source = work / f"{manifest.name}.dump"
    try:
        fetch(backup_store, manifest.database, source)
        dump.put_back(database_url, source)
    finally:
        source.unlink(missing_ok=True)
    machine.say("the database is restored")
    return manifest.name


def put_back_file(machine: Machine, backup_store: BackupStore, media: Path, place: str, name: str = "") -> None:
    """Restore one file of a backup, replacing the present one. Raises CannotConverge."""
    manifest = _manifest(backup_store, name)
    if place not in manifest.files:
        raise CannotConverge(f"backup {manifest.name} has no {place}")
    fetch(backup_store, manifest.files[place], media / place)
    machine.say(f"{place} is restored from backup {manifest.name}")


def _manifest(backup_store: BackupStore, name: str) -> Manifest:
    names = backup_store.names()
    if not names or (name and name not in names):
        raise CannotConverge(
            f"there is no backup {name or 'at all'} in bucket {backup_store.bucket}: {', '.join(names)}"
        )
    return backup_store.read(name or names[-1])


def fetch(backup_store: BackupStore, saved: BackupObject, target: Path) -> None:
    """Restore an object to its path, complete and verified, or not at all. An existing file is kept."""
    if target.is_file() and target.stat().st_size == saved.bytes and sha256_of(target) == saved.sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    body = backup_store.s3.get_object(Bucket=backup_store.bucket, Key=saved.key)["Body"]
    with part.open("wb") as file:
        while chunk := body.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != saved.sha256:
        part.unlink()
        raise CannotConverge(
            f"{saved.key} is not what was saved: its SHA-256 is {digest.hexdigest()}, not {saved.sha256}"
        )
    part.replace(target)
