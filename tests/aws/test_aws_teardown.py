"""Removing the stack: only with its name typed; the message lists what remains and how to remove it."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from deploy.aws import __main__ as command
from deploy.aws import teardown
from deploy.aws.deployment import outputs
from deploy.aws.moto_resources import from_mould
from deploy.aws.place import Clients, DeploymentError
from deploy.aws.template import Template
from deploy.hosts.bundle import Bundle

from support.aws_account import AT_ONCE, FakeAwsAccount, put_up


def running(aws: Clients) -> list[str]:
    groups = aws("ec2").describe_instances()["Reservations"]
    return [one["InstanceId"] for group in groups for one in group["Instances"] if one["State"]["Name"] == "running"]


class TestDestroy:
    def test_servers_and_database_are_gone(self, template: Template, aws: Clients) -> None:
        put_up(template, aws)
        teardown.destroy(aws, poll=AT_ONCE)
        assert running(aws) == []
        assert aws("rds").describe_db_instances()["DBInstances"] == []

    def test_workers_that_were_started_besides_go_too(self, template: Template, aws: Clients) -> None:
        put_up(template, aws)
        from_mould(aws("ec2"), "anb-worker")
        assert len(running(aws)) == 4
        teardown.destroy(aws, poll=AT_ONCE)
        assert running(aws) == []

    def test_what_players_gave_us_remains_and_is_told(self, template: Template, aws: Clients) -> None:
        bucket = put_up(template, aws)["BucketName"]
        told = "\n".join(teardown.destroy(aws, poll=AT_ONCE))
        (disk,) = aws("ec2").describe_volumes()["Volumes"]
        (snapshot,) = aws("rds").describe_db_snapshots()["DBSnapshots"]
        assert [one["Name"] for one in aws("s3").list_buckets()["Buckets"]] == [bucket]
        assert f"bucket {bucket}" in told
        assert f"aws ec2 delete-volume --volume-id {disk['VolumeId']}" in told
        assert f"--db-snapshot-identifier {snapshot['DBSnapshotIdentifier']}" in told

    def test_the_stack_can_be_put_up_again(self, template: Template, aws: Clients) -> None:
        put_up(template, aws)
        teardown.destroy(aws, poll=AT_ONCE)
        (before,) = aws("s3").list_buckets()["Buckets"]
        assert put_up(template, aws)["BucketName"] != before["Name"]
        assert len(running(aws)) == 3

    def test_without_a_stack_there_is_nothing_to_remove(self, aws: Clients) -> None:
        with pytest.raises(DeploymentError, match="there is no stack anb"):
            teardown.destroy(aws, poll=AT_ONCE)

    def test_a_right_that_is_missing_is_said_as_it_is(self, account: FakeAwsAccount) -> None:
        class Denied:
            def get_paginator(self, name: str) -> None:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": f"you may not {name}"}}, name)

        account.instead["cloudformation"] = Denied()
        with pytest.raises(ClientError, match="you may not list_stack_resources"):
            teardown.destroy(account.client, poll=AT_ONCE)


class TestCommands:
    @pytest.fixture
    def _here(self, monkeypatch: pytest.MonkeyPatch, account: FakeAwsAccount, template: Template) -> None:
        monkeypatch.setattr(command, "clients", lambda: account.client)
        monkeypatch.setattr(command, "synthesise", lambda: template)

    @pytest.mark.usefixtures("_here")
    def test_another_name_removes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, template: Template, aws: Clients, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_up(template, aws)
        monkeypatch.setattr("builtins.input", lambda _asked: "yes")
        assert command.main(["destroy"]) == 1
        assert "nothing was removed" in capsys.readouterr().err
        assert len(running(aws)) == 3

    @pytest.mark.usefixtures("_here")
    def test_where_nobody_sits_nothing_is_removed(
        self, monkeypatch: pytest.MonkeyPatch, template: Template, aws: Clients
    ) -> None:
        put_up(template, aws)

        def nobody(_asked: str) -> str:
            raise EOFError

        monkeypatch.setattr("builtins.input", nobody)
        assert command.main(["destroy"]) == 1
        assert len(running(aws)) == 3

    @pytest.mark.usefixtures("_here")
    def test_a_check_sees_what_somebody_did_at_the_console(
        self, template: Template, aws: Clients, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_up(template, aws)
        assert command.main(["check"]) == 0
        assert "and nothing more" in capsys.readouterr().out
        (group,) = aws("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["anb-file-sg"]}])[
            "SecurityGroups"
        ]
        opened = {"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        aws("ec2").authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[opened])
        assert command.main(["check"]) == 1
        assert "not wanted: client -> file tcp/6379" in capsys.readouterr().err

    @pytest.mark.usefixtures("_here")
    def test_what_else_runs_in_the_account_may_look_at_the_site_and_no_more(
        self, template: Template, aws: Clients, capsys: pytest.CaptureFixture[str]
    ) -> None:
        put_up(template, aws)
        ec2 = aws("ec2")
        (subnet, *_) = ec2.describe_subnets()["Subnets"]
        image = ec2.describe_images()["Images"][0]["ImageId"]
        (other,) = ec2.run_instances(MinCount=1, MaxCount=1, ImageId=image, SubnetId=subnet["SubnetId"])["Instances"]
        assert command.main(["check"]) == 0
        (queue,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["anb-web-sg"]}])[
            "SecurityGroups"
        ]
        interface = other["NetworkInterfaces"][0]["NetworkInterfaceId"]
        ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[queue["GroupId"]])
        capsys.readouterr()
        assert command.main(["check"]) == 1
        assert f"not wanted: {other['InstanceId']} -> file tcp/6379" in capsys.readouterr().err

    @pytest.mark.usefixtures("_here")
    def test_a_deployment_publishes_a_release_and_says_where_the_site_is(
        self, monkeypatch: pytest.MonkeyPatch, aws: Clients, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def build(out: Path) -> Bundle:
            # moto denies what the policy denies, and does not ask whether TLS was used.
            aws("s3").delete_bucket_policy(Bucket=outputs(aws)["BucketName"])
            path = out / "anb.tar.gz"
            path.write_bytes(b"a release")
            return Bundle("1.0-abc", path, "5" * 64)

        monkeypatch.setattr(command, "build", build)
        monkeypatch.setenv("SSH_RANGE", "203.0.113.0/24")
        monkeypatch.setenv("CONTACT", "ops@anb.example")
        assert command.main(["deploy"]) == 0
        (bucket,) = aws("s3").list_buckets()["Buckets"]
        pointer = aws("s3").get_object(Bucket=bucket["Name"], Key="releases/current")["Body"].read()
        assert json.loads(pointer)["release"] == "1.0-abc"
        said = capsys.readouterr().out
        assert f"https://{outputs(aws)['WebAddress']}/" in said
        assert f"--target {outputs(aws)['WorkerId']}" in said

    @pytest.mark.usefixtures("_here")
    def test_a_deployment_without_a_range_says_what_to_type(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for word in command.SAID:
            monkeypatch.delenv(word, raising=False)
        assert command.main(["deploy"]) == 1
        assert "make aws-deploy SSH_RANGE=… CONTACT=…" in capsys.readouterr().err

    def test_no_region_is_said_in_a_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for word in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(word, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        assert command.main(["destroy"]) == 1
        assert "AWS_REGION" in capsys.readouterr().err

    @pytest.mark.usefixtures("_here")
    def test_synth_writes_the_template(self, tmp_path: Path, template: Template) -> None:
        assert command.main(["synth", "--out", str(tmp_path / "build" / "t.json")]) == 0
        assert json.loads((tmp_path / "build" / "t.json").read_text(encoding="utf-8")) == template

    def test_what_is_said_in_the_environment_is_said_to_the_stack(self) -> None:
        said = {"SSH_RANGE": "203.0.113.7/32", "DOMAIN": "", "HOME": "/root"}
        assert command.parameters(said) == {"SshRange": "203.0.113.7/32"}
