"""Computes from deployed security groups which host can reach which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Rule = dict[str, Any]
ALL = "-1"  # EC2's word for every protocol
OUTSIDERS: Mapping[str, str] = {"client": "198.51.100.9"}  # name -> an address it connects from


class UnknownRule(ValueError):
    """A group has a kind of rule that is not supported here, so reachability cannot be computed."""


@dataclass(frozen=True, order=True)
class Arrow:
    """The source may open connections to the ports first…last of the target."""

    source: str
    target: str
    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.source} -> {self.target} {self.protocol}/{ports}"


@dataclass(frozen=True)
class Party:
    """A host with its groups, or an outsider, which has none and is not restricted."""

    name: str
    addresses: frozenset[str]
    groups: frozenset[str] = field(default=frozenset())
    inbound: tuple[Rule, ...] = ()
    outbound: tuple[Rule, ...] = ()


def reachability(ec2: Any, outsiders: Mapping[str, str] = OUTSIDERS) -> set[Arrow]:  # noqa: ANN401 - boto3 has no types
    """Return every connection that both ends allow, between hosts and with outsiders. Raises UnknownRule."""
    everybody = [*parties(ec2), *(Party(name, frozenset([address])) for name, address in outsiders.items())]
    return {
        arrow
        for source in everybody
        for target in everybody
        if source.groups or target.groups
        for arrow in _between(source, target)
    }


def parties(ec2: Any) -> list[Party]:  # noqa: ANN401 - boto3 has no types
    """Return every existing host, by its `Name` without `anb-`, and the database by its group."""
    groups = {group["GroupId"]: group for group in ec2.describe_security_groups()["SecurityGroups"]}
    found = [
        _party(_name(instance), instance["NetworkInterfaces"], groups)
        for reservation in ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        if instance["State"]["Name"] not in ("shutting-down", "terminated")
    ]
    (database,) = [group for group in groups.values() if group["GroupName"] == "anb-rds-sg"]
    return [*found, _of_groups("rds", frozenset(), [database])]


def _name(instance: Mapping[str, Any]) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}
    return str(tags.get("Name", instance["InstanceId"])).removeprefix("anb-")


def _party(name: str, interfaces: list[Mapping[str, Any]], groups: Mapping[str, Any]) -> Party:
    group_ids = {group["GroupId"] for interface in interfaces for group in interface["Groups"]}
    addresses = frozenset(interface["PrivateIpAddress"] for interface in interfaces)
    return _of_groups(name, addresses, [groups[one] for one in sorted(group_ids)])


def _of_groups(name: str, addresses: frozenset[str], groups: list[Mapping[str, Any]]) -> Party:
    return Party(
        name,
        addresses,
        frozenset(group["GroupId"] for group in groups),
        tuple(rule for group in groups for rule in group["IpPermissions"]),
        tuple(rule for group in groups for rule in group["IpPermissionsEgress"]),
    )


def _between(source: Party, target: Party) -> Iterator[Arrow]:
    """Yield the ports that the source may send to and the target accepts."""
    leaving = _spans(source, source.outbound, target)
    entering = list(_spans(target, target.inbound, source))
    for protocol, first, last in leaving:
        for other, other_first, other_last in entering:
            low, high = max(first, other_first), min(last, other_last)
            if low <= high and (protocol == other or ALL in (protocol, other)):
                yield Arrow(source.name, target.name, other if protocol == ALL else protocol, low, high)


def _spans(owner: Party, rules: tuple[Rule, ...], other: Party) -> Iterator[tuple[str, int, int]]:
    """Yield the protocols and ports that the owner's rules allow for the other. ICMP types are treated as ports."""
    if not owner.groups:
        yield ALL, 0, 65535
    for rule in rules:
        if rule.get("Ipv6Ranges") or rule.get("PrefixListIds"):
            raise UnknownRule(f"{owner.name} has a rule by IPv6 or prefix list: {rule}")
        if _meant(rule, other):
            every = rule["IpProtocol"] == ALL
            yield rule["IpProtocol"], 0 if every else rule["FromPort"], 65535 if every else rule["ToPort"]


def _meant(rule: Rule, other: Party) -> bool:
    named = any(pair["GroupId"] in other.groups for pair in rule.get("UserIdGroupPairs", []))
    networks = [ip_network(entry["CidrIp"]) for entry in rule.get("IpRanges", [])]
    return named or any(ip_address(address) in network for address in other.addresses for network in networks)
