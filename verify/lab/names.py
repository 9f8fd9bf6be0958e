"""The VPC's resolver: AWS's names lead to the lab's cloud, the database's to its host."""

from collections.abc import Mapping
from ipaddress import IPv4Address

from verify.lab.addresses import CLOUD, RESOLVER


def command(records: Mapping[str, IPv4Address]) -> list[str]:
    """Return the resolver's command. Other names do not exist."""
    special = [f"--host-record={name},{address}" for name, address in records.items()]
    return [
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--pid-file=",
        "--bind-interfaces",
        f"--listen-address={RESOLVER}",
        f"--address=/amazonaws.com/{CLOUD}",
        *special,
    ]
