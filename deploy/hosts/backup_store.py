"""The layout of backups in the bucket: dumps, each file of the share once, and a manifest for each complete backup."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

DATABASE, SHARE, MANIFESTS = "backups/database/", "backups/share/", "backups/manifests/"


@dataclass(frozen=True)
class BackupObject:
    """A saved object: its key in the bucket, its bytes and their SHA-256."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One backup. The manifest is written last, so that only complete backups have one."""

    name: str  # when it began, such as 20261127T073000Z
    release: str
    database: BackupObject
    files: Mapping[str, BackupObject]  # path below the media folder -> its object

    def to_json(self) -> str:
        """Return the manifest as the bucket stores it."""
        return json.dumps(asdict(self) | {"files": {name: asdict(saved) for name, saved in self.files.items()}})


def parse(text: str) -> Manifest:
    """Parse a manifest."""
    known = json.loads(text)
    files = {name: BackupObject(**saved) for name, saved in known["files"].items()}
    return Manifest(known["name"], known["release"], BackupObject(**known["database"]), files)


@dataclass(frozen=True)
class BackupStore:
    """The part of a bucket that holds backups."""

    bucket: str
    s3: Any

    def names(self) -> list[str]:
        """Return the names of the backups, oldest first."""
        return sorted(key.removeprefix(MANIFESTS).removesuffix(".json") for key, _ in self.list(MANIFESTS))

    def read(self, name: str) -> Manifest:
        """Return the manifest of a backup."""
        body = self.s3.get_object(Bucket=self.bucket, Key=f"{MANIFESTS}{name}.json")["Body"]
        return parse(body.read().decode())

    def write(self, manifest: Manifest) -> None:
        """Complete a backup."""
        key = f"{MANIFESTS}{manifest.name}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=manifest.to_json().encode())

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and bytes of everything below a prefix."""
        for found in self._contents(prefix):
            yield found["Key"], found["Size"]

    def ages(self, prefixes: Iterable[str]) -> Iterator[tuple[str, timedelta]]:
        """Yield key and age of everything below the prefixes."""
        now = datetime.now(UTC)
        for prefix in prefixes:
            for found in self._contents(prefix):
                yield found["Key"], now - found["LastModified"]

    def _contents(self, prefix: str) -> Iterator[dict[str, Any]]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get("Contents", [])

    def delete(self, key: str) -> None:
        """Delete an object (a bucket with versions keeps it for the time of its lifecycle rule)."""
        self.s3.delete_object(Bucket=self.bucket, Key=key)
