"""The matrix detects every change of a group: a test that could not fail would prove nothing."""

from typing import Any

import pytest
from deploy.aws.moto_resources import from_mould
from deploy.aws.place import Clients
from deploy.aws.reachability import Arrow, UnknownRule, reachability
from deploy.aws.template import Template

from support.aws_account import put_up

OUTSIDE = {"client": "198.51.100.9"}


@pytest.fixture
def ec2(template: Template, aws: Clients) -> Any:
    put_up(template, aws)
    return aws("ec2")


def group(ec2: Any, name: str) -> str:
    (found,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"]
    return str(found["GroupId"])


def tcp(first: int, last: int, **whom: Any) -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **whom}]


def arrows(ec2: Any) -> set[Arrow]:
    return reachability(ec2, OUTSIDE)


def test_an_arrow_that_is_added_is_seen(ec2: Any) -> None:
    before = arrows(ec2)
    everybody = [{"CidrIp": "0.0.0.0/0"}]
    ec2.authorize_security_group_ingress(
        GroupId=group(ec2, "anb-rds-sg"), IpPermissions=tcp(5432, 5432, IpRanges=everybody)
    )
    assert arrows(ec2) - before == {Arrow("client", "rds", "tcp", 5432, 5432)}


def test_a_rule_between_hosts_needs_both_ends(ec2: Any) -> None:
    before = arrows(ec2)
    file, web = group(ec2, "anb-file-sg"), group(ec2, "anb-web-sg")
    ec2.authorize_security_group_ingress(
        GroupId=web, IpPermissions=tcp(8000, 8100, UserIdGroupPairs=[{"GroupId": file}])
    )
    assert arrows(ec2) == before
    ec2.authorize_security_group_egress(
        GroupId=file, IpPermissions=tcp(8050, 9000, UserIdGroupPairs=[{"GroupId": web}])
    )
    assert arrows(ec2) - before == {Arrow("file", "web", "tcp", 8050, 8100)}


def test_a_rule_for_everything_is_seen_as_every_port(ec2: Any) -> None:
    before = arrows(ec2)
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}]
    ec2.authorize_security_group_ingress(GroupId=group(ec2, "anb-worker-sg"), IpPermissions=everything)
    assert arrows(ec2) - before == {Arrow("client", "worker", "-1", 0, 65535)}


def test_an_arrow_that_is_gone_is_missed(ec2: Any) -> None:
    before = arrows(ec2)
    web = [{"GroupId": group(ec2, "anb-web-sg"), "Description": "NFS from web"}]
    ec2.revoke_security_group_ingress(
        GroupId=group(ec2, "anb-file-sg"), IpPermissions=tcp(2049, 2049, UserIdGroupPairs=web)
    )
    assert before - arrows(ec2) == {Arrow("web", "file", "tcp", 2049, 2049)}


def test_a_second_group_of_a_host_counts(ec2: Any) -> None:
    before = arrows(ec2)
    (found,) = ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [group(ec2, "anb-file-sg")]}])[
        "NetworkInterfaces"
    ]
    both = [group(ec2, "anb-file-sg"), group(ec2, "anb-web-sg")]
    ec2.modify_network_interface_attribute(NetworkInterfaceId=found["NetworkInterfaceId"], Groups=both)
    assert Arrow("client", "file", "tcp", 443, 443) in arrows(ec2) - before


def test_a_host_that_is_more_is_seen(ec2: Any) -> None:
    (subnet, *_) = ec2.describe_subnets()["Subnets"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(
        MinCount=1, MaxCount=1, ImageId=image, SubnetId=subnet["SubnetId"], SecurityGroupIds=[group(ec2, "anb-web-sg")]
    )
    assert any(arrow.source.startswith("i-") and arrow.target == "rds" for arrow in arrows(ec2))


def test_what_cannot_be_judged_is_not_passed_over(ec2: Any) -> None:
    ec2.authorize_security_group_ingress(
        GroupId=group(ec2, "anb-web-sg"), IpPermissions=tcp(22, 22, Ipv6Ranges=[{"CidrIpv6": "::/0"}])
    )
    with pytest.raises(UnknownRule):
        arrows(ec2)


def test_a_second_worker_stands_where_the_first_does(ec2: Any) -> None:
    made = from_mould(ec2, "anb-worker")
    found = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": ["anb-worker"]}])["Reservations"]
    first, second = (group["Instances"][0] for group in found)
    assert made in (first["InstanceId"], second["InstanceId"])
    for fact in ("InstanceType", "ImageId", "SubnetId", "MetadataOptions"):
        assert first[fact] == second[fact], fact
    assert first["IamInstanceProfile"]["Arn"] == second["IamInstanceProfile"]["Arn"]
    assert [one["Groups"] for one in first["NetworkInterfaces"]] == [
        one["Groups"] for one in second["NetworkInterfaces"]
    ]
    told = [
        ec2.describe_instance_attribute(InstanceId=one["InstanceId"], Attribute="userData")["UserData"]["Value"]
        for one in (first, second)
    ]
    assert told[0] == told[1]
