"""Where backups lie in the bucket: dumps, the share's files once each, and a manifest that makes a backup whole."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

DATABASE, SHARE, MANIFESTS = "backups/database/", "backups/share/", "backups/manifests/"


@dataclass(frozen=True)
class Piece:
    """Something that was saved: its key in the bucket, its bytes, and their SHA-256."""

    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One backup. It is written last: a backup is whole, or there is none."""

    name: str  # when it was begun, such as 20261127T073000Z
    release: str
    database: Piece
    files: Mapping[str, Piece]  # path below the media folder -> what was saved

    def to_json(self) -> str:
        """Write it as the bucket keeps it."""
        return json.dumps(asdict(self) | {"files": {name: asdict(piece) for name, piece in self.files.items()}})


def parse(text: str) -> Manifest:
    """Read a manifest."""
    known = json.loads(text)
    files = {name: Piece(**piece) for name, piece in known["files"].items()}
    return Manifest(known["name"], known["release"], Piece(**known["database"]), files)


@dataclass(frozen=True)
class Vault:
    """The part of a bucket that holds backups."""

    bucket: str
    s3: Any

    def names(self) -> list[str]:
        """Return the names of the backups, oldest first."""
        return sorted(key.removeprefix(MANIFESTS).removesuffix(".json") for key, _ in self.list(MANIFESTS))

    def read(self, name: str) -> Manifest:
        """Return a backup's manifest."""
        body = self.s3.get_object(Bucket=self.bucket, Key=f"{MANIFESTS}{name}.json")["Body"]
        return parse(body.read().decode())

    def write(self, manifest: Manifest) -> None:
        """Make a backup whole."""
        key = f"{MANIFESTS}{manifest.name}.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=manifest.to_json().encode())

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield key and bytes of everything below a prefix."""
        for found in self._contents(prefix):
            yield found["Key"], found["Size"]

    def ages(self, prefixes: Iterable[str]) -> Iterator[tuple[str, timedelta]]:
        """Yield key and age of everything below some prefixes."""
        now = datetime.now(UTC)
        for prefix in prefixes:
            for found in self._contents(prefix):
                yield found["Key"], now - found["LastModified"]

    def _contents(self, prefix: str) -> Iterator[dict[str, Any]]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from page.get("Contents", [])

    def delete(self, key: str) -> None:
        """Remove something for good (a bucket with versions keeps it for as long as it was told)."""
        self.s3.delete_object(Bucket=self.bucket, Key=key)
