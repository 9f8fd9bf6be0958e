"""Deploying and changing the stack: what is found, what is kept, what is refused, and the messages."""

import base64
import json
import re
from typing import Any

import pytest
from deploy.aws.deployment import STACK, ResourceChange, deploy, failures, outputs
from deploy.aws.place import Clients, DeploymentError
from deploy.aws.template import Template

from support.aws_account import AT_ONCE, SAID, FakeAwsAccount, put_up


def parameters(aws: Clients) -> dict[str, str]:
    (stack,) = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}


def subnets(said: dict[str, str]) -> list[str]:
    """Return the subnets of the database; moto prints a list as Python does."""
    return re.findall(r"subnet-\w+", said["DatabaseSubnets"])


def facts(aws: Clients, instance: str) -> dict[str, Any]:
    """Return the parameters that a host is given."""
    raw = aws("ec2").describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]["Value"]
    text = base64.b64decode(raw).decode()
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text[text.index("{") :])[0]
    return found


class TestFirstTime:
    def test_network_zones_and_image_are_found(self, template: Template, account: FakeAwsAccount) -> None:
        put_up(template, account.client)
        found, ec2 = parameters(account.client), account.client("ec2")
        (default,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        assert found["VpcId"] == default["VpcId"]
        assert found["ImageId"] == found["FileImageId"] == account.images.newest
        chosen = subnets(found)
        assert found["HostSubnet"] in chosen
        zones = {one["AvailabilityZone"] for one in ec2.describe_subnets(SubnetIds=chosen)["Subnets"]}
        assert len(zones) == len(chosen) >= 2
        offers = ec2.describe_instance_type_offerings(
            LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t3.small"]}]
        )["InstanceTypeOfferings"]
        assert zones <= {one["Location"] for one in offers}

    def test_the_database_stands_in_the_zone_of_the_servers(self, template: Template) -> None:
        zone = template["Resources"]["Database"]["Properties"]["AvailabilityZone"]
        assert zone == {"Fn::GetAtt": ["FileServer", "AvailabilityZone"]}

    def test_its_outputs_say_where_everything_is(self, template: Template, aws: Clients) -> None:
        said = put_up(template, aws)
        assert set(said) == {
            "WebAddress",
            "BucketName",
            "FileAddress",
            "DatabaseAddress",
            "WebServerId",
            "WorkerId",
            "FileServerId",
        }
        assert outputs(aws) == said
        assert re.fullmatch(r"[\d.]+", said["WebAddress"])

    def test_it_cannot_be_deleted_by_a_slip_nor_its_data_by_a_change(self, template: Template, aws: Clients) -> None:
        put_up(template, aws)
        (stack,) = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        assert stack["EnableTerminationProtection"] is True
        policy = json.loads(aws("cloudformation").get_stack_policy(StackName=STACK)["StackPolicyBody"])
        (denied,) = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
        assert denied["Action"] == ["Update:Replace", "Update:Delete"]
        named = {one.removeprefix("LogicalResourceId/") for one in denied["Resource"]}
        assert named <= set(template["Resources"])
        assert {"FileServer", "Database", "Bucket"} <= named

    def test_a_domain_brings_an_address_that_stays(self, template: Template, aws: Clients) -> None:
        said = put_up(template, aws, Domain="anb.example")
        held = {one["PublicIp"]: one.get("InstanceId") for one in aws("ec2").describe_addresses()["Addresses"]}
        assert held[said["WebAddress"]] == said["WebServerId"]

    def test_a_bucket_of_an_earlier_stack_is_used_as_it_is(self, template: Template, aws: Clients) -> None:
        aws("s3").create_bucket(Bucket="anb-of-last-year")
        said = put_up(template, aws, ExistingBucket="anb-of-last-year")
        assert said["BucketName"] == "anb-of-last-year"
        assert [one["Name"] for one in aws("s3").list_buckets()["Buckets"]] == ["anb-of-last-year"]
        assert facts(aws, said["WorkerId"])["bucket"] == "anb-of-last-year"

    def test_further_settings_reach_the_hosts(self, template: Template, aws: Clients) -> None:
        said = put_up(template, aws, Settings='{"ANB_CLIP_MIN_SECONDS": "2"}', SessionManager="false")
        told = facts(aws, said["WorkerId"])
        assert told["settings"] == {"ANB_CLIP_MIN_SECONDS": "2"}
        assert told["ssm_agent"] is False


class TestRefusals:
    def test_it_must_be_told_who_may_come_in_and_whom_to_tell(self, template: Template, aws: Clients) -> None:
        with pytest.raises(DeploymentError, match="SshRange, Contact"):
            deploy(template, {}, aws, poll=AT_ONCE)

    def test_a_region_without_a_default_network_is_named(self, template: Template, aws: Clients) -> None:
        ec2 = aws("ec2")
        for subnet in ec2.describe_subnets()["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for network in ec2.describe_vpcs()["Vpcs"]:
            ec2.delete_vpc(VpcId=network["VpcId"])
        with pytest.raises(DeploymentError, match="create-default-vpc"):
            put_up(template, aws)

    def test_a_network_with_one_zone_that_fits_is_too_few(self, template: Template, aws: Clients) -> None:
        ec2 = aws("ec2")
        for subnet in ec2.describe_subnets()["Subnets"][1:]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        with pytest.raises(DeploymentError, match=r"in 1 zones that offer t3\.small; 2 are needed"):
            put_up(template, aws)

    def test_an_image_whose_disk_is_elsewhere_is_refused(self, template: Template, account: FakeAwsAccount) -> None:
        account.images.newest = account.image("/dev/sda1")
        with pytest.raises(DeploymentError, match="has its disk at /dev/sda1, the template at /dev/xvda"):
            put_up(template, account.client)

    def test_a_secret_that_an_earlier_stack_left_is_named(self, template: Template, aws: Clients) -> None:
        aws("secretsmanager").create_secret(Name="anb/queue", SecretString="old")
        aws("secretsmanager").delete_secret(SecretId="anb/queue")
        with pytest.raises(DeploymentError, match="anb/queue; remove each"):
            put_up(template, aws)

    def test_a_secret_for_mails_is_in_the_way_only_of_a_stack_that_sends_them(
        self, template: Template, aws: Clients
    ) -> None:
        aws("secretsmanager").create_secret(Name="anb/smtp", SecretString="an operator's own")
        with pytest.raises(DeploymentError, match="anb/smtp; remove each"):
            put_up(template, aws, Domain="anb.example", Mail="yes")
        put_up(template, aws, Domain="anb.example")

    def test_what_is_not_approved_is_not_made(self, template: Template, aws: Clients) -> None:
        shown: list[ResourceChange] = []

        def no(changes: list[ResourceChange]) -> bool:
            shown.extend(changes)
            return False

        with pytest.raises(DeploymentError, match="nothing was changed"):
            deploy(template, SAID, aws, approve=no, poll=AT_ONCE)
        optional = {"WebElasticAddress", "WebAddressAtServer"}  # moto proposes them whatever their condition says
        assert {change.name for change in shown} | optional == set(template["Resources"])
        assert aws("ec2").describe_instances()["Reservations"] == []

    def test_no_stack_has_no_outputs(self, aws: Clients) -> None:
        with pytest.raises(DeploymentError, match="make aws-deploy"):
            outputs(aws)

    @pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"])
    def test_a_stack_in_the_way_is_named_with_what_to_do(
        self, template: Template, account: FakeAwsAccount, status: str
    ) -> None:
        account.instead["cloudformation"] = Standing(status)
        with pytest.raises(DeploymentError, match="wait" if "PROGRESS" in status else "aws-destroy"):
            put_up(template, account.client)


class Standing:
    """A CloudFormation with a stack in a given state."""

    def __init__(self, status: str) -> None:
        self.status = status

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        return {"Stacks": [{"StackName": StackName, "StackStatus": self.status}]}


class TestWords:
    @pytest.mark.parametrize(
        "wrong", ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/7", "203.0.113.7", "::/0", "203.0.113.300/32", ""]
    )
    def test_ssh_is_not_opened_to_everybody(self, template: Template, wrong: str) -> None:
        assert not re.fullmatch(template["Parameters"]["SshRange"]["AllowedPattern"], wrong)

    @pytest.mark.parametrize("right", ["203.0.113.7/32", "10.0.0.0/8", "192.168.1.0/24", "100.64.0.0/10", "8.8.8.8/32"])
    def test_a_range_of_ones_own_is_taken(self, template: Template, right: str) -> None:
        assert re.fullmatch(template["Parameters"]["SshRange"]["AllowedPattern"], right)
        assert "Default" not in template["Parameters"]["SshRange"]

    @pytest.mark.parametrize("wrong", ['{"PATH": "x"}', '{"ANB_A": "x"}\n', '{"ANB_A": "a\\"b"}', "[]", '{"ANB_A": 1}'])
    def test_settings_are_a_line_of_ours_alone(self, template: Template, wrong: str) -> None:
        assert not re.fullmatch(template["Parameters"]["Settings"]["AllowedPattern"], wrong)

    @pytest.mark.parametrize("right", ["{}", '{"ANB_A": "1"}', '{"ANB_A": "1", "ANB_B_C": "x y"}'])
    def test_settings_may_be_several(self, template: Template, right: str) -> None:
        assert re.fullmatch(template["Parameters"]["Settings"]["AllowedPattern"], right)


class TestLater:
    def test_the_same_again_changes_nothing(self, template: Template, aws: Clients) -> None:
        first = put_up(template, aws)

        def never(changes: list[ResourceChange]) -> bool:
            assert changes == []
            return True

        assert dict(deploy(template, {}, aws, approve=never, poll=AT_ONCE)) == first

    def test_a_newer_image_does_not_replace_the_servers(self, template: Template, account: FakeAwsAccount) -> None:
        put_up(template, account.client)
        before = parameters(account.client)
        account.images.newest = "ami-newer"
        # moto cannot keep a list's value: it is given again.
        said = {"Contact": "else@anb.example", "DatabaseSubnets": ",".join(subnets(before))}
        deploy(template, said, account.client, poll=AT_ONCE)
        after = parameters(account.client)
        assert subnets(after) == subnets(before)
        assert after | {"DatabaseSubnets": ""} == before | {"Contact": "else@anb.example", "DatabaseSubnets": ""}


def test_what_failed_is_told_first_and_what_was_cancelled_is_not() -> None:
    class Failed:
        def describe_stack_events(self, **_which: str) -> dict[str, Any]:
            return {
                "StackEvents": [
                    {"LogicalResourceId": "anb", "ResourceStatus": "ROLLBACK_IN_PROGRESS"},
                    {
                        "LogicalResourceId": "WebServer",
                        "ResourceStatus": "CREATE_FAILED",
                        "ResourceStatusReason": "Resource creation cancelled",
                    },
                    {
                        "LogicalResourceId": "Database",
                        "ResourceStatus": "CREATE_FAILED",
                        "ResourceStatusReason": "InstanceQuotaExceeded",
                    },
                ]
            }

    assert failures(Failed()) == ["Database: InstanceQuotaExceeded"]
