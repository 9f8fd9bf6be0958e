"""A restore: a backup goes back into a database and a share that hold nothing, and everything is checked."""

import hashlib
import os
from pathlib import Path

from deploy.hosts import dump
from deploy.hosts.digest import sha256_of
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.vault import Manifest, Piece, Vault

CHUNK = 1024 * 1024


def put_back(machine: Machine, vault: Vault, database_url: str, media: Path, work: Path, name: str = "") -> str:
    """Put a backup back, by default the newest; return its name.

    Raises CannotConverge, also where it would overwrite what people did.
    """
    manifest = _manifest(vault, name)
    if not dump.is_empty(database_url):
        raise CannotConverge("the database is not empty: a restore goes into a new one, never over what people did")
    machine.say(f"restoring backup {manifest.name} of release {manifest.release}")
    for number, (place, piece) in enumerate(sorted(manifest.files.items()), 1):
        fetch(vault, piece, media / place)
        if number % 100 == 0:
            machine.say(f"{number} of {len(manifest.files)} files are back")
    machine.say(f"all {len(manifest.files)} files are back, each with its SHA-256")
    # The database comes last: until all files are there, a restore that was cut can be begun again.
    source = work / f"{manifest.name}.dump"
    try:
        fetch(vault, manifest.database, source)
        dump.put_back(database_url, source)
    finally:
        source.unlink(missing_ok=True)
    machine.say("the database is back")
    return manifest.name


def put_back_file(machine: Machine, vault: Vault, media: Path, place: str, name: str = "") -> None:
    """Put one file of a backup back, over what is there. Raises CannotConverge."""
    manifest = _manifest(vault, name)
    if place not in manifest.files:
        raise CannotConverge(f"backup {manifest.name} has no {place}")
    fetch(vault, manifest.files[place], media / place)
    machine.say(f"{place} is as backup {manifest.name} has it")


def _manifest(vault: Vault, name: str) -> Manifest:
    names = vault.names()
    if not names or (name and name not in names):
        raise CannotConverge(f"there is no backup {name or 'at all'} in bucket {vault.bucket}: {', '.join(names)}")
    return vault.read(name or names[-1])


def fetch(vault: Vault, piece: Piece, target: Path) -> None:
    """Bring a piece to its place, whole and as it was saved, or not at all. What is there already stays."""
    if target.is_file() and target.stat().st_size == piece.bytes and sha256_of(target) == piece.sha256:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    digest = hashlib.sha256()
    body = vault.s3.get_object(Bucket=vault.bucket, Key=piece.key)["Body"]
    with part.open("wb") as file:
        while chunk := body.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != piece.sha256:
        part.unlink()
        raise CannotConverge(
            f"{piece.key} is not what was saved: its SHA-256 is {digest.hexdigest()}, not {piece.sha256}"
        )
    part.replace(target)
