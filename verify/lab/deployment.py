"""Reads the deployed template: its hosts, the facts of each, and the connections that its groups allow."""

import base64
import functools
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError
from deploy.aws.deployment import deploy
from deploy.aws.moto_resources import from_mould
from deploy.aws.reachability import Arrow, reachability
from deploy.hosts import facts
from deploy.hosts.cloudinit import user_data
from deploy.hosts.facts import Facts
from deploy.hosts.secrets import CERTIFICATE

from verify.lab.addresses import DATABASE, OUTSIDERS, SSH_RANGE
from verify.lab.cloud import ENDPOINT, REGION
from verify.lab.site import LabHost

MEMORY_MIB = {"t3.small": 2048, "db.t3.micro": 1024}
AT_ONCE = {"Delay": 1, "MaxAttempts": 60}
START_SECONDS = 60


@functools.cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client of the lab's cloud. It works only within the gateway's namespace."""
    made_up = {"aws_access_key_id": "lab", "aws_secret_access_key": "lab"}
    return boto3.client(service, region_name=REGION, endpoint_url=ENDPOINT, **made_up)


def wait() -> None:
    """Wait until the cloud answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client("ec2").describe_vpcs()
        except EndpointConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def stand(template: Mapping[str, Any], settings: Mapping[str, str]) -> None:
    """Deploy the template."""
    image = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    parameters = {
        "SshRange": SSH_RANGE,
        "Contact": "lab@example.com",
        "SessionManager": "false",
        "Settings": json.dumps(dict(settings)),
        "ImageId": image,
        "FileImageId": image,
    }
    deploy(template, parameters, client, poll=AT_ONCE)


def machines() -> list[LabHost]:
    """Return the servers of the account. Further workers are called worker-2 and so on."""
    found: dict[str, LabHost] = {}
    reservations = client("ec2").describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    for instance in sorted(instances, key=lambda one: str(one["LaunchTime"])):
        machine = _machine(instance)
        if machine.name in found:
            machine = replace(machine, name=f"{machine.name}-{1 + sum(m.role == machine.role for m in found.values())}")
        found[machine.name] = machine
    return list(found.values())


def database(known: Facts) -> LabHost:
    """Return the host that replaces RDS. It has no user data, so its facts are taken from another host."""
    size = client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceClass"]
    text = user_data(replace(known, role="database"))
    return LabHost("database", "database", str(DATABASE), known.database_host, MEMORY_MIB[size], text)


def certify_database(certificate: str, key: str) -> None:
    """Store the certificate of the database host in its secret."""
    secret = json.dumps({"certificate": certificate, "key": key})
    client("secretsmanager").create_secret(Name=CERTIFICATE, SecretString=secret)


def facts_of(machine: LabHost) -> Facts:
    """Return the facts in a machine's user data: the block below the path of their file."""
    lines = machine.user_data.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.strip() == f"- path: {facts.PLACE}")
    block = lines[begin + 1 :]
    start = next(number for number, line in enumerate(block) if line.strip() == "content: |") + 1
    end = next(number for number, line in enumerate(block[start:], start) if not line.startswith("    "))
    return facts.parse("\n".join(block[start:end]))


def ways() -> set[Arrow]:
    """Return the connections that the deployed groups allow, between hosts and with outsiders."""
    return reachability(client("ec2"), {outsider.party: str(outsider.address) for outsider in OUTSIDERS})


def another_worker() -> LabHost:
    """Start one more worker from the launch template, like `aws ec2 run-instances`, and return it."""
    instance = from_mould(client("ec2"), "anb-worker")
    (machine,) = [machine for machine in machines() if machine.instance == instance]
    return machine


def _machine(instance: Mapping[str, Any]) -> LabHost:
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    role = tags["Name"].removeprefix("anb-")
    attribute = client("ec2").describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    text = base64.b64decode(attribute["UserData"]["Value"]).decode()
    return LabHost(
        role, role, instance["PrivateIpAddress"], instance["InstanceId"], MEMORY_MIB[instance["InstanceType"]], text
    )
