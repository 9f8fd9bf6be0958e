"""The document's four security groups, and the only connections between hosts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from deploy.aws.arrows import ANYWHERE, BETWEEN, HTTP, HTTPS, MAIL, NAMES, SSH, TO_ANYWHERE
from deploy.aws.parameters import Given


@dataclass(frozen=True)
class Groups:
    """References to the group of each host."""

    web: str
    worker: str
    file: str
    rds: str


def declare(scope: cdk.Stack, given: Given) -> Groups:
    """Declare the groups: servers before their clients, whose egress rules name them."""
    ssh = [_ingress(SSH, given.ssh_range, "SSH")]
    asked = {
        "file": _group(scope, given, "file", "NFS and the queue", ssh, _world()),
        "rds": _group(scope, given, "rds", "PostgreSQL", [], [_nowhere()]),
    }
    public = [_ingress(HTTP, ANYWHERE, "HTTP, sent on to HTTPS"), _ingress(HTTPS, ANYWHERE, "HTTPS")]
    references = asked | {
        "web": _group(scope, given, "web", "Pages and API", [*ssh, *public], _way_out("web", asked)),
        "worker": _group(scope, given, "worker", "Edits", ssh, _way_out("worker", asked)),
    }
    for asker, asked_one, port in BETWEEN:
        ec2.CfnSecurityGroupIngress(
            scope,
            f"{asker.title()}To{asked_one.title()}{NAMES[port]}",
            group_id=references[asked_one],
            source_security_group_id=references[asker],
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=f"{NAMES[port]} from {asker}",
        )
    return Groups(**references)


def _group(scope: cdk.Stack, given: Given, host: str, what: str, ingress: list[Any], egress: list[Any]) -> str:
    group = ec2.CfnSecurityGroup(
        scope,
        f"{host.title()}Group",
        group_name=f"anb-{host}-sg",
        group_description=f"ANB Rising Stars: {what}",
        vpc_id=given.vpc,
        security_group_ingress=ingress or None,
        security_group_egress=egress,
        tags=[cdk.CfnTag(key="Name", value=f"anb-{host}-sg")],
    )
    return str(group.attr_group_id)


def _ingress(port: int, source: str, why: str) -> Any:  # noqa: ANN401 - CDK's, untyped here
    return ec2.CfnSecurityGroup.IngressProperty(
        ip_protocol="tcp", from_port=port, to_port=port, cidr_ip=source, description=why
    )


def _way_out(asker: str, asked: Mapping[str, str]) -> list[Any]:
    arrows = [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            destination_security_group_id=asked[to],
            description=f"{NAMES[port]} of {to}",
        )
        for one, to, port in BETWEEN
        if one == asker
    ]
    return [*arrows, *_world(*([MAIL] if asker == "worker" else []))]


def _world(*more: tuple[str, int, str]) -> list[Any]:
    return [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol=protocol, from_port=port, to_port=port, cidr_ip=ANYWHERE, description=why
        )
        for protocol, port, why in (*TO_ANYWHERE, *more)
    ]


def _nowhere() -> Any:  # noqa: ANN401 - CDK's, untyped here
    """Return a rule to an impossible address. EC2 gives a group without rules one that allows all egress."""
    return ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol="icmp", from_port=252, to_port=86, cidr_ip="255.255.255.255/32", description="Nothing leaves"
    )
