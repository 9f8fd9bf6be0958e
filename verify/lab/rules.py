"""The security groups as rules of the bridge: pure text, from the arrows computed from the deployed groups.

This kernel's bridge does not track connections, so the rules are about packets: a connection begins with a SYN, and a
SYN passes only along an arrow; an answer comes from the arrow's port and is not a lone SYN. AWS's groups track
connections instead; for TCP both allow the same connections. UDP has no such flag: any packet from the arrow's port is
an answer.
"""

from collections.abc import Iterable
from typing import Protocol

from verify.lab.addresses import CLOUD, GATE, METADATA, RESOLVER, Place

TABLE = "bridge lab"
ANSWERS = {"tcp": " tcp flags & (syn | ack) != syn", "udp": ""}
# The traffic that every host may send outside (the groups' egress), and to the metadata, where groups do not apply.
WORLD = (("tcp", "443", CLOUD), ("udp", "53", RESOLVER), ("tcp", "53", RESOLVER), ("tcp", "80", METADATA))


class Way(Protocol):
    """A source that may open connections to some ports of a target: an arrow of `deploy.aws.reachability`."""

    @property
    def source(self) -> str: ...  # noqa: D102 - a party
    @property
    def target(self) -> str: ...  # noqa: D102
    @property
    def protocol(self) -> str: ...  # noqa: D102
    @property
    def first(self) -> int: ...  # noqa: D102
    @property
    def last(self) -> int: ...  # noqa: D102


def render(places: Iterable[Place], ways: Iterable[Way], severed: Iterable[str] = ()) -> str:
    """Return the ruleset. Severed hosts neither receive nor send."""
    everybody = list(places)
    hosts = [place for place in everybody if not place.outside]
    lines = [
        *(f'{side} "{name}" drop' for name in sorted(severed) for side in ("iifname", "oifname")),
        *(f'iifname "{host.port}" ip saddr != {host.address} drop' for host in hosts),  # no host may use another's
        "ether type arp accept",
        *sorted({line for way in ways for line in _along(everybody, way)}),
        *(line for host in hosts for line in _to_the_world(host)),
    ]
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f"table {TABLE} {{}}\ndelete table {TABLE}\ntable {TABLE} {{\n  chain forward {{\n"
        f"    type filter hook forward priority 0; policy drop;\n{body}\n  }}\n}}\n"
    )


def opens(ways: Iterable[Way], source: Place, target: Place, port: int) -> bool:
    """Return whether a TCP connection may begin."""
    return any(
        (way.source, way.target) == (source.party, target.party)
        and way.protocol == "tcp"
        and way.first <= port <= way.last
        for way in ways
    )


def _along(places: list[Place], way: Way) -> list[str]:
    """Return the rules of an arrow. Without both ends here there are none."""
    pairs = [
        (source, target)
        for source in places
        for target in places
        if (source.party, target.party) == (way.source, way.target) and source != target
    ]
    ports = str(way.first) if way.first == way.last else f"{way.first}-{way.last}"
    return [line for source, target in pairs for line in _both_ways(source, target, way.protocol, ports)]


def _both_ways(source: Place, target: Place, protocol: str, ports: str) -> list[str]:
    there = f'iifname "{source.port}" oifname "{target.port}" ip saddr {source.address} ip daddr {target.address}'
    back = f'iifname "{target.port}" oifname "{source.port}" ip saddr {target.address} ip daddr {source.address}'
    return [
        f"{there} {protocol} dport {ports} accept",
        f"{back} {protocol} sport {ports}{ANSWERS[protocol]} accept",
    ]


def _to_the_world(host: Place) -> list[str]:
    worlds = ((protocol, port, Place(GATE, where, GATE, outside=True)) for protocol, port, where in WORLD)
    return [line for protocol, port, world in worlds for line in _both_ways(host, world, protocol, port)]
