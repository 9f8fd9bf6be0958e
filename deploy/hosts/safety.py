"""Backup and restore as an operator has them: what root does, and what the user anb does for it."""

import os
import sys
from typing import Any

from deploy.hosts import backup as backups
from deploy.hosts import bootstrap
from deploy.hosts import restore as restores
from deploy.hosts.definitions import CURRENT, MEDIA, STATE, USER, WORK
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine
from deploy.hosts.vault import Vault
from deploy.hosts.work import WORKERS

UNIT = "anb-backup.service"

SOON = 12  # hours; the timer of another worker may have been there before
BY_HAND = f"{STATE}/work/.backup-now"  # tells the unit that somebody wants one whatever the hour


def backup(machine: Machine) -> int:
    """Let systemd take a backup now, and say what it said; return 1 when it failed."""
    machine.put(BY_HAND, "", owner=USER, group=USER)
    done = machine.run("systemctl", "start", UNIT, check=False, seconds=6 * 3600)
    invocation = machine.run("systemctl", "show", "-P", "InvocationID", UNIT).stdout.strip()
    said = machine.run("journalctl", "-q", "-o", "cat", f"_SYSTEMD_INVOCATION_ID={invocation}", check=False)
    print(said.stdout.strip())
    return int(done.returncode != 0)


def take_backup(machine: Machine, facts: Facts, s3: Any) -> None:  # noqa: ANN401 - boto3 has no types
    """Take a backup, unless another worker just has. Runs as the user anb."""
    vault, by_hand = Vault(facts.bucket, s3), machine.at(BY_HAND)
    wanted = by_hand.exists()
    by_hand.unlink(missing_ok=True)
    if not wanted and not backups.is_due(vault, SOON):
        machine.say(f"the last backup is younger than {SOON} hours: nothing to do")
        return
    release = machine.at(CURRENT).resolve().name
    backups.take(machine, vault, _database_url(), machine.at(MEDIA), machine.at(WORK), release)


def restore(machine: Machine, facts: Facts, name: str, file: str = "") -> None:
    """Put a backup back with this host's workers stopped, and verify it; or one file of it. Raises CannotConverge."""
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
    machine.say("restored and verified; workers are up again")


def put_back(machine: Machine, facts: Facts, s3: Any, name: str, file: str) -> None:  # noqa: ANN401 - boto3 has no types
    """Put a backup back, or one file of it. Runs as the user anb."""
    vault, media = Vault(facts.bucket, s3), machine.at(MEDIA)
    if file:
        restores.put_back_file(machine, vault, media, file, name)
    else:
        restores.put_back(machine, vault, _database_url(), media, machine.at(WORK), name)


def _put_back(machine: Machine, name: str, file: str) -> None:
    """Let the user anb do it: on the share, root is nobody."""
    command = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", f"--uid={USER}", f"--gid={USER}"]
    site = machine.at(CURRENT).resolve() / "site"
    settings = ["-p", "EnvironmentFile=/etc/anb/anb.env", "-E", f"PYTHONPATH={site}", "-E", "PYTHONUNBUFFERED=1"]
    passed = [word for name in bootstrap.AWS for word in ("-E", name)]
    words = [sys.executable, "-P", "-m", "deploy.hosts", "put-back", f"--backup={name}", f"--file={file}"]
    _aloud(machine, *command, *settings, *passed, *words)


def _aloud(machine: Machine, *command: str) -> None:
    """Run a command whose words are the operator's to read. Raises CannotConverge."""
    done = machine.start(list(command), check=False)
    if done.returncode:
        raise CannotConverge(f"{' '.join(command[-4:])} ended with {done.returncode}; what it said is above")


def _database_url() -> str:
    url = os.environ.get("ANB_DATABASE_URL", "")
    if not url:
        raise CannotConverge("the settings of this host are missing: run it by `anb-host`")
    return url
