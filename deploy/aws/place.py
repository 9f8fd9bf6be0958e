"""Looks up in the account where to deploy: its default network, zones that offer the servers, an image."""

from collections.abc import Callable, Mapping
from typing import Any

from deploy.aws.sizes import ROOT_DEVICE, TYPE

Clients = Callable[[str], Any]  # name of a service -> boto3's client of it
IMAGE = "/aws/service/debian/release/13/latest/amd64"
ZONES = 2  # that RDS requires


class DeploymentError(RuntimeError):
    """The deployment cannot continue; the text says what to do."""


def find(clients: Clients, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters that can be looked up and are not given. Raises DeploymentError."""
    network = {} if "VpcId" in given else _network(clients("ec2"))
    image = dict.fromkeys(("ImageId", "FileImageId"), given.get("ImageId") or _image(clients))
    return network | image


def _network(ec2: Any) -> dict[str, str]:  # noqa: ANN401 - boto3 has no types
    networks = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not networks:
        raise DeploymentError("this region has no default VPC; run `aws ec2 create-default-vpc`")
    subnets = _subnets(ec2, networks[0]["VpcId"])
    return {
        "VpcId": networks[0]["VpcId"],
        "HostSubnet": subnets[0],
        "DatabaseSubnets": ",".join(subnets),
    }


def _subnets(ec2: Any, network: str) -> list[str]:  # noqa: ANN401 - boto3 has no types
    """Return a default subnet of each zone that offers the servers' type (us-east-1e does not)."""
    offers = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": [TYPE]}]
    )["InstanceTypeOfferings"]
    zones = {offer["Location"] for offer in offers}
    filters = [{"Name": "vpc-id", "Values": [network]}, {"Name": "default-for-az", "Values": ["true"]}]
    subnets = ec2.describe_subnets(Filters=filters)["Subnets"]
    fit = sorted((one["AvailabilityZone"], one["SubnetId"]) for one in subnets if one["AvailabilityZone"] in zones)
    if len(fit) < ZONES:
        raise DeploymentError(
            f"{network} has default subnets in {len(fit)} zones that offer {TYPE}; {ZONES} are needed"
        )
    return [subnet for _, subnet in fit]


def _image(clients: Clients) -> str:
    """Return Debian's newest image. Raises DeploymentError if its disk is not the one that the template enlarges."""
    newest = clients("ssm").get_parameter(Name=IMAGE)["Parameter"]["Value"]
    (image,) = clients("ec2").describe_images(ImageIds=[newest])["Images"]
    if image["RootDeviceName"] != ROOT_DEVICE:
        raise DeploymentError(f"{newest} has its disk at {image['RootDeviceName']}, the template at {ROOT_DEVICE}")
    return str(newest)
