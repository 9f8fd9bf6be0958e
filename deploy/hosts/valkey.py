"""The queue: Valkey on the file server, with a password, an append-only file, and nothing ever evicted."""

import hashlib
import ipaddress
import secrets as chance
from pathlib import Path

from anb.stack import append_only
from deploy.hosts import services
from deploy.hosts.application import QUEUE_PORT, QUEUE_USER
from deploy.hosts.definitions import HOSTS
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine
from deploy.hosts.secrets import QUEUE, Secrets

UNIT = "valkey-server.service"
CONFIGURATION, RIGHTS = "/etc/anb/valkey.conf", "/etc/anb/valkey.acl"
DATA = "/var/lib/valkey"
OPERATOR = "/etc/anb/valkey-operator"  # a password of this host alone, for who looks after the queue


def converge(machine: Machine, facts: Facts, secrets: Secrets) -> None:
    """Make the queue."""
    if not machine.at(OPERATOR).exists():
        machine.put(OPERATOR, chance.token_urlsafe(32) + "\n", 0o600)
    operator = machine.at(OPERATOR).read_text(encoding="utf-8").strip()
    machine.put(
        CONFIGURATION,
        services.rendered("valkey.conf", bind=_bind(facts.file_host), port=QUEUE_PORT, data=DATA),
        0o640,
        "root",
        "valkey",
    )
    # Nobody may be the default user, but it has its rights: Valkey 8 reads its own file as that user, and would skip
    # every transaction in it.
    machine.put(
        RIGHTS,
        services.rendered(
            "valkey.acl", user=QUEUE_USER, user_hash=_hash(secrets.read(QUEUE)), operator_hash=_hash(operator)
        ),
        0o640,
        "root",
        "valkey",
    )
    drop_in = services.extend(machine, UNIT, configuration=CONFIGURATION, memory=HOSTS["file"].memory[UNIT])
    services.settle(machine, UNIT, [CONFIGURATION, RIGHTS, drop_in])


def mend() -> None:
    """Let a queue whose file a loss of power tore begin empty. systemd runs it before each start, as Valkey's user."""
    aside = append_only.set_aside_if_torn(Path(DATA))
    if aside:
        print(f"anb-host: the queue's file was torn, and lies in {aside}; jobs are sent again", flush=True)


def _hash(password: str) -> str:
    """Return a password as Valkey's list of rights has it: the file tells nobody the password itself."""
    return hashlib.sha256(password.encode()).hexdigest()


def _bind(host: str) -> str:
    """Return what to listen on: our own address where it is one, all where it is a name."""
    try:
        return " ".join(dict.fromkeys(("127.0.0.1", str(ipaddress.ip_address(host)))))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - the security group says who reaches it
