"""Backup and restore as operators run them: the part of root, and the part of the user anb."""

import os
import sys
from typing import Any

from deploy.hosts import backup as backups
from deploy.hosts import bootstrap
from deploy.hosts import restore as restores
from deploy.hosts.backup_store import BackupStore
from deploy.hosts.definitions import CURRENT, MEDIA, OWNER, SECRETS, STATE, USER, WORK
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.worker import WORKERS

UNIT = "anb-backup.service"

SOON = 12  # hours; another worker's timer may have run before
OWNERS = "ANB_DATABASE_OWNER_URL"  # a restore creates the tables again
BY_HAND = f"{STATE}/work/.backup-now"  # tells the unit that an operator wants a backup at any hour


def backup(machine: Machine) -> int:
    """Have systemd take a backup now, and print its output. Return 1 if it failed."""
    machine.put(BY_HAND, "", owner=USER, group=USER)
    done = machine.run("systemctl", "start", UNIT, check=False, seconds=6 * 3600)
    invocation = machine.run("systemctl", "show", "-P", "InvocationID", UNIT).stdout.strip()
    journal = machine.run("journalctl", "-q", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={invocation}", check=False)
    print(journal.stdout.strip())
    return int(done.returncode != 0)


def take_backup(machine: Machine, facts: Facts, s3: Any) -> None:  # noqa: ANN401 - boto3 has no types
    """Take a backup, unless another worker has just done so. Runs as the user anb."""
    backup_store, by_hand = BackupStore(facts.bucket, s3), machine.at(BY_HAND)
    wanted = by_hand.exists()
    by_hand.unlink(missing_ok=True)
    if not wanted and not backups.is_due(backup_store, SOON):
        machine.say(f"the last backup is younger than {SOON} hours: nothing to do")
        return
    release = machine.at(CURRENT).resolve().name
    backups.take(machine, backup_store, _database_url(), machine.at(MEDIA), machine.at(WORK), release)


def restore(machine: Machine, facts: Facts, name: str, file: str = "") -> None:
    """Restore a backup, or one file of it, with this host's workers stopped. Raises CannotConverge."""
    if facts.role != "worker":
        raise CannotConverge(f"this is a {facts.role} host: a restore runs on a worker, which reaches all it needs")
    if file:
        _put_back(machine, name, file)
        return
    machine.run("systemctl", "stop", *WORKERS)
    try:
        _put_back(machine, name, "")
        _aloud(machine, "/usr/local/bin/anb", "migrate")
        _aloud(machine, "/usr/local/bin/anb", "storage", "verify")
    finally:
        for unit in WORKERS:
            machine.run("systemctl", "start", unit)
    machine.say("restored and verified; the workers run again")


def put_back(machine: Machine, facts: Facts, s3: Any, name: str, file: str) -> None:  # noqa: ANN401 - boto3 has no types
    """Restore a backup, or one file of it. Runs as the user anb."""
    backup_store, media = BackupStore(facts.bucket, s3), machine.at(MEDIA)
    if file:
        restores.put_back_file(machine, backup_store, media, file, name)
    else:
        restores.put_back(machine, backup_store, _database_url(OWNERS), media, machine.at(WORK), name)


def _put_back(machine: Machine, name: str, file: str) -> None:
    """Restore as the user anb: the share maps root to an anonymous user."""
    command = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--uid={USER}", f"--gid={USER}"]
    site = machine.at(CURRENT).resolve() / "site"
    files = [word for place in (SECRETS, OWNER) for word in ("-p", f"EnvironmentFile={place}")]
    settings = [*files, "-E", f"PYTHONPATH={site}", "-E", "PYTHONUNBUFFERED=1"]
    passed = [word for name in bootstrap.AWS for word in ("-E", name)]
    words = [sys.executable, "-P", "-m", "deploy.hosts", "put-back", f"--backup={name}", f"--file={file}"]
    _aloud(machine, *command, *settings, *passed, *words)


def _aloud(machine: Machine, *command: str) -> None:
    """Run a command and let it print. Raises CannotConverge."""
    done = machine.start(list(command), check=False)
    if done.returncode:
        raise CannotConverge(f"{' '.join(command[-4:])} ended with {done.returncode}; its output is above")


def _database_url(setting: str = "ANB_DATABASE_URL") -> str:
    url = os.environ.get(setting, "")
    if not url:
        raise CannotConverge("the settings of this host are missing: run it with `anb-host`")
    return url
