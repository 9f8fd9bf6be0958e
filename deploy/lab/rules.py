"""The security groups as rules of the bridge: pure text, from arrows.

This kernel's bridge knows no connections, so the rules are about packets: a connection begins with a SYN, and a SYN
passes only along an arrow; what answers comes from the arrow's port and carries no lone SYN. A group of AWS remembers
connections instead; for TCP both let the same connections begin, and no arrow of the document is anything but TCP.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from deploy.lab.addresses import CLOUD, METADATA, RESOLVER, Place

TABLE = "bridge lab"
GATE = "gateway"  # the bridge's port to everything that is not in the VPC


@dataclass(frozen=True, order=True)
class Way:
    """From one host, or a range of the world, to a TCP port of a host."""

    source: str  # the name of a host, or a range such as 0.0.0.0/0
    target: str
    port: int


def render(places: Mapping[str, Place], ways: Iterable[Way], cut: Iterable[str] = ()) -> str:
    """Return the ruleset. Hosts that are cut off get and send nothing."""
    lines = [line for way in sorted(set(ways)) for line in _way(places, way)]
    lines += [line for place in places.values() for line in _out(place)]
    severed = [f'{side} "{name}" drop' for name in sorted(cut) for side in ("iifname", "oifname")]
    genuine = [f'iifname "{place.name}" ip saddr != {place.address} drop' for place in places.values()]
    body = "\n".join(f"    {line}" for line in [*severed, *genuine, "ether type arp accept", *lines])
    return (
        f"table {TABLE} {{}}\ndelete table {TABLE}\ntable {TABLE} {{\n  chain forward {{\n"
        f"    type filter hook forward priority 0; policy drop;\n{body}\n  }}\n}}\n"
    )


def passes(ways: Iterable[Way], places: Mapping[str, Place], source: str, target: str, port: int) -> bool:
    """Return whether a connection from a host, or from an address of the world, may begin."""
    return any(way.target == target and way.port == port and _comes(way, places, source) for way in ways)


def _comes(way: Way, places: Mapping[str, Place], source: str) -> bool:
    if "/" not in way.source:
        return way.source == source
    # A range means whoever has such an address, hosts of the VPC as well: that is how AWS reads it.
    address = places[source].address if source in places else IPv4Address(source)
    return address in IPv4Network(way.source)


def _way(places: Mapping[str, Place], way: Way) -> list[str]:
    target = places[way.target]
    return [
        line
        for port, source in _sources(places, way)
        for line in (
            f'iifname "{port}" oifname "{target.name}" ip saddr {source} ip daddr {target.address} tcp dport {way.port} accept',
            f'iifname "{target.name}" oifname "{port}" ip daddr {source} tcp sport {way.port} '
            "tcp flags & (syn | ack) != syn accept",
        )
    ]


def _sources(places: Mapping[str, Place], way: Way) -> list[tuple[str, str]]:
    if "/" not in way.source:
        return [(places[way.source].name, str(places[way.source].address))]
    inside = [
        (place.name, str(place.address))
        for place in places.values()
        if place.name != way.target and place.address in IPv4Network(way.source)
    ]
    return [(GATE, way.source), *inside]


def _out(place: Place) -> list[str]:
    """What every host may ask of the world: TLS, names; and of its own machine's metadata."""
    asks = (("tcp", 443, CLOUD), ("udp", 53, RESOLVER), ("tcp", 53, RESOLVER), ("tcp", 80, METADATA))
    answer = {"tcp": " tcp flags & (syn | ack) != syn", "udp": ""}
    return [
        line
        for protocol, port, where in asks
        for line in (
            f'iifname "{place.name}" oifname "{GATE}" ip daddr {where} {protocol} dport {port} accept',
            f'iifname "{GATE}" oifname "{place.name}" ip saddr {where} ip daddr {place.address} '
            f"{protocol} sport {port}{answer[protocol]} accept",
        )
    ]


