"""A backup: the share's files that the bucket lacks, then the database, then the files added since.

Names are never reused, so the second pass is small. The saved rows refer to files that existed before them, of which
some may be deleted since, and to files added during the backup. Only a file added and deleted during it is missed.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.hosts import dump
from deploy.hosts.backup_store import DATABASE, MANIFESTS, SHARE, BackupObject, BackupStore, Manifest
from deploy.hosts.digest import sha256_of
from deploy.hosts.machine import Machine

# A running backup's objects are in no manifest yet. An object in no manifest for longer than this is an orphan.
UNDER_WAY = timedelta(days=1)
KEPT = 14  # backups; files that none of them names are removed from the bucket
STAMP = "%Y%m%dT%H%M%SZ"
PASSING = {"incoming"}  # folders of unfinished uploads


def take(
    machine: Machine,
    backup_store: BackupStore,
    database_url: str,
    media: Path,
    work: Path,
    release: str,
    name: str = "",
) -> Manifest:
    """Save database and share; return the manifest. Raises CannotConverge."""
    name = name or datetime.now(UTC).strftime(STAMP)
    known = _known(backup_store)
    before = _save_share(backup_store, media, known)
    database = _save_database(backup_store, database_url, work / f"{name}.dump", f"{DATABASE}{name}.dump")
    machine.say(f"saved the database: {database.bytes} bytes")
    files = before | _save_share(backup_store, media, known | before)
    manifest = Manifest(name, release, database, files)
    backup_store.write(manifest)
    new = sum(saved != known.get(place) for place, saved in files.items())
    machine.say(f"saved {len(files)} files, {new} of them new: backup {name} is complete")
    forget(machine, backup_store)
    return manifest


def is_due(backup_store: BackupStore, hours: float) -> bool:
    """Return whether the newest backup is older than that: several workers have the timer, and one backup is enough."""
    names = backup_store.names()
    return not names or datetime.now(UTC) - begun(names[-1]) > timedelta(hours=hours)


def forget(machine: Machine, backup_store: BackupStore, kept: int = KEPT) -> None:
    """Remove all but the newest backups, and the files that only those named, so that deleted videos disappear."""
    names = backup_store.names()
    manifests = [backup_store.read(name) for name in names[-kept:]]
    needed = {saved.key for one in manifests for saved in (one.database, *one.files.values())}
    for name in names[:-kept]:
        backup_store.delete(f"{MANIFESTS}{name}.json")
    removed = 0
    for key, age in backup_store.ages((DATABASE, SHARE)):
        if key not in needed and age > UNDER_WAY:
            backup_store.delete(key)
            removed += 1
    if removed:
        machine.say(f"removed {removed} objects that the last {kept} backups do not name")


def begun(name: str) -> datetime:
    """Return when a backup of this name began."""
    return datetime.strptime(name, STAMP).replace(tzinfo=UTC)


def _save_database(backup_store: BackupStore, url: str, target: Path, key: str) -> BackupObject:
    try:
        dump.take(url, target)
        return _save_file(backup_store, target, key)
    finally:
        target.unlink(missing_ok=True)


def _save_share(backup_store: BackupStore, media: Path, known: Mapping[str, BackupObject]) -> dict[str, BackupObject]:
    """Send the unknown files; return all files."""
    files = {}
    for path in sorted(_files(media)):
        place = str(path.relative_to(media))
        with suppress(FileNotFoundError):  # its video was deleted meanwhile
            saved = known.get(place)
            if saved is None or saved.bytes != path.stat().st_size:
                saved = _save_file(backup_store, path, f"{SHARE}{place}")
            files[place] = saved
    return files


def _save_file(backup_store: BackupStore, path: Path, key: str) -> BackupObject:
    size, digest = path.stat().st_size, sha256_of(path)
    backup_store.s3.upload_file(str(path), backup_store.bucket, key, ExtraArgs={"Metadata": {"sha256": digest}})
    return BackupObject(key, size, digest)


def _known(backup_store: BackupStore) -> dict[str, BackupObject]:
    """Return the files of the last backup that are still in the bucket in full."""
    names = backup_store.names()
    if not names:
        return {}
    there = dict(backup_store.list(SHARE))
    return {
        place: saved
        for place, saved in backup_store.read(names[-1]).files.items()
        if there.get(saved.key) == saved.bytes
    }


def _files(media: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(media):
        here = Path(folder)
        folders[:] = [one for one in folders if not one.startswith(".") and not (here == media and one in PASSING)]
        yield from (here / one for one in names if not one.startswith(".") and not one.endswith(".part"))
