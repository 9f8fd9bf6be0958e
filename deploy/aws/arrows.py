"""The arrows of the deployment document, and the connections that they allow between deployed hosts."""

from collections.abc import Iterable
from itertools import product

from deploy.aws.reachability import Arrow
from deploy.aws.sizes import SERVERS

SSH, HTTP, HTTPS, POSTGRESQL, REDIS, NFS = 22, 80, 443, 5432, 6379, 2049
ANYWHERE = "0.0.0.0/0"
# What a host may reach outside: AWS and Debian over TLS, names, time. No other traffic leaves it.
TO_ANYWHERE = (
    ("tcp", HTTPS, "AWS, Debian, certificates"),
    ("udp", 53, "names"),
    ("tcp", 53, "names"),
    ("udp", 123, "time"),
)
# Workers send the mails.
MAIL = ("tcp", 587, "mail")
# The arrows between hosts: source, target, port.
BETWEEN = tuple(
    (asker, *asked) for asker in ("web", "worker") for asked in (("file", NFS), ("file", REDIS), ("rds", POSTGRESQL))
)
NAMES = {NFS: "NFS", REDIS: "Redis", POSTGRESQL: "PostgreSQL"}


def allowed(clients: Iterable[str], operators: Iterable[str]) -> set[Arrow]:
    """Return every allowed arrow: between hosts, and from and to outsiders. An operator is a client with SSH."""
    operators = set(operators)
    outsiders = {*clients, *operators}
    between = {(asker, asked, "tcp", port) for asker, asked, port in BETWEEN}
    public = {(who, "web", "tcp", port) for who, port in product(outsiders, (HTTP, HTTPS))}
    shells = {(who, server, "tcp", SSH) for who, server in product(operators, SERVERS)}
    out = {(server, who, kind, port) for server, who, (kind, port, _) in product(SERVERS, outsiders, TO_ANYWHERE)}
    out |= {("worker", who, "tcp", MAIL[1]) for who in outsiders}
    # HTTPS is open to everyone, hosts included, and hosts speak HTTPS.
    everybody = {(server, "web", "tcp", HTTPS) for server in SERVERS}
    return {Arrow(who, whom, kind, port, port) for who, whom, kind, port in between | public | shells | out | everybody}
