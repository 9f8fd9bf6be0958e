"""A backup: what of the share the bucket lacks, the database, and what came to the share since.

Names are never reused, so that is little. The saved rows name files that were there before them, of which some may be
deleted by now, and files that came in between. Only one that came and went within a backup is missed.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.hosts import dump
from deploy.hosts.digest import sha256_of
from deploy.hosts.machine import Machine
from deploy.hosts.vault import DATABASE, MANIFESTS, SHARE, Manifest, Piece, Vault

# What a backup sends may be of no manifest for as long as it runs; longer than that it is nobody's.
UNDER_WAY = timedelta(days=1)
KEPT = 14  # backups; what none of them names is removed from the bucket
STAMP = "%Y%m%dT%H%M%SZ"
PASSING = {"incoming"}  # folders of what is on its way


def take(
    machine: Machine, vault: Vault, database_url: str, media: Path, work: Path, release: str, name: str = ""
) -> Manifest:
    """Save database and share; return the manifest. Raises CannotConverge."""
    name = name or datetime.now(UTC).strftime(STAMP)
    known = _known(vault)
    before = _save_share(vault, media, known)
    database = _save_database(vault, database_url, work / f"{name}.dump", f"{DATABASE}{name}.dump")
    machine.say(f"saved the database: {database.bytes} bytes")
    files = before | _save_share(vault, media, known | before)
    manifest = Manifest(name, release, database, files)
    vault.write(manifest)
    new = sum(piece != known.get(place) for place, piece in files.items())
    machine.say(f"saved {len(files)} files, {new} of them new: backup {name} is whole")
    forget(machine, vault)
    return manifest


def is_due(vault: Vault, hours: float) -> bool:
    """Say whether the newest backup is older than that: several workers have the timer, and one backup is enough."""
    names = vault.names()
    return not names or datetime.now(UTC) - begun(names[-1]) > timedelta(hours=hours)


def forget(machine: Machine, vault: Vault, kept: int = KEPT) -> None:
    """Remove all but the newest backups, and the files that only removed ones named: deleted videos do not live on."""
    names = vault.names()
    manifests = [vault.read(name) for name in names[-kept:]]
    needed = {piece.key for one in manifests for piece in (one.database, *one.files.values())}
    for name in names[:-kept]:
        vault.delete(f"{MANIFESTS}{name}.json")
    removed = 0
    for key, age in vault.ages((DATABASE, SHARE)):
        if key not in needed and age > UNDER_WAY:
            vault.delete(key)
            removed += 1
    if removed:
        machine.say(f"removed {removed} objects that the last {kept} backups do not name")


def begun(name: str) -> datetime:
    """Return when a backup of this name was begun."""
    return datetime.strptime(name, STAMP).replace(tzinfo=UTC)


def _save_database(vault: Vault, url: str, target: Path, key: str) -> Piece:
    try:
        dump.take(url, target)
        return _save_file(vault, target, key)
    finally:
        target.unlink(missing_ok=True)


def _save_share(vault: Vault, media: Path, known: Mapping[str, Piece]) -> dict[str, Piece]:
    """Send the files that are not known; return all that are there."""
    files = {}
    for path in sorted(_files(media)):
        place = str(path.relative_to(media))
        with suppress(FileNotFoundError):  # its video was deleted meanwhile
            piece = known.get(place)
            if piece is None or piece.bytes != path.stat().st_size:
                piece = _save_file(vault, path, f"{SHARE}{place}")
            files[place] = piece
    return files


def _save_file(vault: Vault, path: Path, key: str) -> Piece:
    size, digest = path.stat().st_size, sha256_of(path)
    vault.s3.upload_file(str(path), vault.bucket, key, ExtraArgs={"Metadata": {"sha256": digest}})
    return Piece(key, size, digest)


def _known(vault: Vault) -> dict[str, Piece]:
    """Return what the last backup saved, as far as it is still there in full."""
    names = vault.names()
    if not names:
        return {}
    there = dict(vault.list(SHARE))
    return {place: piece for place, piece in vault.read(names[-1]).files.items() if there.get(piece.key) == piece.bytes}


def _files(media: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(media):
        here = Path(folder)
        folders[:] = [one for one in folders if not one.startswith(".") and not (here == media and one in PASSING)]
        yield from (here / one for one in names if not one.startswith(".") and not one.endswith(".part"))
