"""The deployed template, read back: which hosts there are, what each is told, which ways its groups leave open."""

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
from deploy.aws.performed import from_mould
from deploy.aws.reachability import Arrow, reachability
from deploy.hosts import facts
from deploy.hosts.cloudinit import user_data
from deploy.hosts.facts import Facts
from deploy.lab.addresses import DATABASE, OUTSIDERS, SSH_RANGE
from deploy.lab.cloud import ENDPOINT, REGION
from deploy.lab.site import Machine

MIB = {"t3.small": 2048, "db.t3.micro": 1024}
AT_ONCE = {"Delay": 1, "MaxAttempts": 60}
START_SECONDS = 60


@functools.cache
def client(service: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client of the lab's cloud; it works within the gateway's namespace alone."""
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
    said = {
        "SshRange": SSH_RANGE,
        "Contact": "lab@example.com",
        "SessionManager": "false",
        "Settings": json.dumps(dict(settings)),
        "ImageId": image,
        "FileImageId": image,
    }
    deploy(template, said, client, poll=AT_ONCE)


def machines() -> list[Machine]:
    """Return the servers that the account has; a further worker is called worker-2, and so on."""
    found: dict[str, Machine] = {}
    reservations = client("ec2").describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    for instance in sorted(instances, key=lambda one: str(one["LaunchTime"])):
        machine = _machine(instance)
        if machine.name in found:
            machine = replace(machine, name=f"{machine.name}-{1 + sum(m.role == machine.role for m in found.values())}")
        found[machine.name] = machine
    return list(found.values())


def database(known: Facts) -> Machine:
    """Return the host that stands for RDS, which AWS makes and no user data: its facts are another host's."""
    size = client("rds").describe_db_instances()["DBInstances"][0]["DBInstanceClass"]
    told = user_data(replace(known, role="database"))
    return Machine("database", "database", str(DATABASE), known.database_host, MIB[size], told)


def facts_of(machine: Machine) -> Facts:
    """Return the facts that a machine's user data writes: the block below the path of their file."""
    lines = machine.user_data.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.strip() == f"- path: {facts.PLACE}")
    block = lines[begin + 1 :]
    start = next(number for number, line in enumerate(block) if line.strip() == "content: |") + 1
    end = next(number for number, line in enumerate(block[start:], start) if not line.startswith("    "))
    return facts.parse("\n".join(block[start:end]))


def ways() -> set[Arrow]:
    """Return what the deployed groups let through, between hosts and with the outsiders."""
    return reachability(client("ec2"), {outsider.party: str(outsider.address) for outsider in OUTSIDERS})


def another_worker() -> Machine:
    """Start one more worker from the launch template, as `aws ec2 run-instances` does, and return it."""
    made = from_mould(client("ec2"), "anb-worker")
    (machine,) = [machine for machine in machines() if machine.instance == made]
    return machine


def _machine(instance: Mapping[str, Any]) -> Machine:
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    role = tags["Name"].removeprefix("anb-")
    told = client("ec2").describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
    text = base64.b64decode(told["UserData"]["Value"]).decode()
    return Machine(
        role, role, instance["PrivateIpAddress"], instance["InstanceId"], MIB[instance["InstanceType"]], text
    )
