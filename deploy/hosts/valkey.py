"""The queue: Valkey on the file server, with a password, an append-only file, and without eviction."""

import hashlib
import ipaddress
import secrets as chance

from deploy.hosts import services
from deploy.hosts.application import QUEUE_PORT, QUEUE_USER
from deploy.hosts.definitions import HOSTS
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine
from deploy.hosts.queue_repair import DATA
from deploy.hosts.secrets import QUEUE, HostSecrets

UNIT = "valkey-server.service"
CONFIGURATION, RIGHTS = "/etc/anb/valkey.conf", "/etc/anb/valkey.acl"
OPERATOR = "/etc/anb/valkey-operator"  # a password of this host only, for operators of the queue


def converge(machine: Machine, facts: Facts, secrets: HostSecrets) -> None:
    """Set up the queue."""
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
    # No client may be the default user, but it has its rights: Valkey 8 reads its own file as that user, and would skip
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


def _hash(password: str) -> str:
    """Return a password hashed for Valkey's ACL file, which then does not reveal it."""
    return hashlib.sha256(password.encode()).hexdigest()


def _bind(host: str) -> str:
    """Return the address to listen on: `host` if it is an address, every address if it is a name."""
    try:
        return " ".join(dict.fromkeys(("127.0.0.1", str(ipaddress.ip_address(host)))))
    except ValueError:
        return "0.0.0.0"  # noqa: S104 - the security group restricts access
