"""A host that is a folder: commands are recorded and answered by rules, units are remembered."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from deploy.hosts import authorities
from deploy.hosts.facts import ROLES, Facts
from deploy.hosts.machine import Machine
from deploy.hosts.secrets import HostSecrets

FACTS = {role: Facts(role, "anb-bucket", "us-east-1", "172.31.0.3", "anb.example.internal") for role in ROLES}
AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
QUEUE, KEY, PASSWORD = "queue-" + "q" * 40, "key-" + "k" * 60, "database-" + "d" * 30
LOG_KEY = "log-" + "l" * 44


class FakeSecrets:
    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        known = {
            "anb/secret-key": KEY,
            "anb/vote-log-key": LOG_KEY,
            "anb/queue": QUEUE,
            "anb/database": f'{{"username": "anb", "password": "{PASSWORD}"}}',
            "anb/smtp": '{"username": "anb-mail", "password": "smtp-s3cret"}',
            "anb/database-certificate": '{"certificate": "a certificate", "key": "its key"}',
        }
        return {"SecretString": known[SecretId]}


def secrets() -> HostSecrets:
    return HostSecrets(FakeSecrets())


@dataclass
class System:
    """The system behind a machine: its commands, and what systemd would know."""

    root: Path
    commands: list[list[str]] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    enabled: set[str] = field(default_factory=set)
    installed: set[str] = field(default_factory=set)
    answers: dict[str, Callable[[list[str]], tuple[int, str]]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def start(self, command: list[str], **options: Any) -> CompletedProcess[str]:
        self.commands.append(command)
        code, out = self._answer(command)
        return CompletedProcess(command, code, out if options.get("capture_output") else "", "")

    def ran(self, *words: str) -> list[list[str]]:
        """Return the commands that begin with these words."""
        return [command for command in self.commands if command[: len(words)] == list(words)]

    def _answer(self, command: list[str]) -> tuple[int, str]:
        for start, answer in self.answers.items():
            if " ".join(command).startswith(start):
                return answer(command)
        if command[0] == "systemctl":
            return self._systemctl(command[1], [word for word in command[2:] if not word.startswith("-")])
        if command[0] == "dpkg-query":
            return 0, "".join(f"{name} installed\n" for name in command[4:] if name in self.installed)
        if command[0] == "python3" and authorities.source("us-east-1") in command:
            return 0, AUTHORITY
        if command[:2] == ["openssl", "x509"]:
            return 0, "sha256 Fingerprint=AA:BB\n"
        if command[:2] == ["openssl", "req"]:
            self._write(command, "-keyout", "")
            self._write(command, "-out", "")
        if any(word.endswith("/initdb") for word in command):
            self._write(command, "-D", "/PG_VERSION")
        return 0, ""

    def _systemctl(self, verb: str, units: list[str]) -> tuple[int, str]:
        if verb == "is-enabled":
            return (0 if units[0] in self.enabled else 1), ""
        if verb == "enable":
            self.enabled.update(units)
        if verb == "is-active":
            return (0 if units[0] in self.active else 3), ""
        if verb in {"start", "restart", "reload"}:
            self.active.update(units)
        if verb == "stop":
            self.active.difference_update(units)
        if verb == "list-units":
            start = units[0].partition("*")[0]
            known = sorted(unit for unit in self.active if unit.startswith(start))
            return 0, "".join(f"{unit} loaded active running x\n" for unit in known)
        return 0, ""

    def _write(self, command: list[str], option: str, below: str) -> None:
        path = command[command.index(option) + 1]
        (self.root / f"{path}{below}".lstrip("/")).write_text("made\n", encoding="utf-8")


@dataclass
class Listening(Machine):
    """A machine that remembers its output."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


def machine(root: Path) -> tuple[Listening, System]:
    """Return an empty host and its system. The clock does not advance, so each wait fails at once."""
    system = System(root)
    return Listening(root=root, start=system.start, pause=lambda _: None), system


def files(root: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file on a host."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"/{path.relative_to(root)}", path.read_text(encoding="utf-8")


@dataclass
class Bucket:
    """Enough of S3's client for bundles and backups."""

    objects: dict[str, bytes] = field(default_factory=dict)
    born: dict[str, datetime] = field(default_factory=dict)
    uploads: list[str] = field(default_factory=list)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:  # noqa: ARG002, N803 - boto3's names
        self.objects[Key] = Body
        self.born.setdefault(Key, datetime.now(UTC))

    def upload_file(self, path: str, bucket: str, key: str, **_: Any) -> None:
        self.uploads.append(key)
        self.put_object(Bucket=bucket, Key=key, Body=Path(path).read_bytes())

    def download_file(self, _bucket: str, key: str, path: str) -> None:
        Path(path).write_bytes(self.objects[key])

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: ARG002, N803
        del self.objects[Key]

    def get_paginator(self, _name: str) -> "Bucket":
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: ARG002, N803
        for key in sorted(self.objects):
            if key.startswith(Prefix):
                yield {"Contents": [{"Key": key, "Size": len(self.objects[key]), "LastModified": self.born[key]}]}

    def age(self, key: str, by: timedelta) -> None:
        self.born[key] -= by
