"""What hosts may do, what guards the bucket and the secrets, and what raises an alarm; read back from moto."""

import json
from typing import Any

import pytest
from deploy.aws.place import Clients
from deploy.aws.template import Template

Statement = dict[str, Any]
# Written by hand: what each role may do. Every role has Session Manager's five actions and the one for metrics.
SESSION_MANAGER = {
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
}
EVERYBODY = {
    "cloudwatch:PutMetricData",
    "s3:GetObject",
    "s3:ListBucket",
    "secretsmanager:GetSecretValue",
} | SESSION_MANAGER
ACTIONS = {
    "web": EVERYBODY,
    "worker": EVERYBODY | {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"},
    "file": EVERYBODY,
}
SECRETS = {
    "web": {"anb/secret-key", "anb/queue", "anb/database"},
    "worker": {"anb/vote-log-key", "anb/queue", "anb/database"},
    "file": {"anb/queue"},
}
FOLDERS = {"web": {"releases"}, "worker": {"releases", "backups"}, "file": {"releases"}}


def statements(aws: Clients, host: str) -> list[Statement]:
    """Return the actions that the role of a running host allows."""
    (reservation,) = aws("ec2").describe_instances(Filters=[{"Name": "tag:Name", "Values": [f"anb-{host}"]}])[
        "Reservations"
    ]
    profile = reservation["Instances"][0]["IamInstanceProfile"]["Arn"].rpartition("/")[2]
    (role,) = aws("iam").get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    assert aws("iam").list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"] == []
    (name,) = aws("iam").list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    document = aws("iam").get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
    found: list[Statement] = document["Statement"]
    assert {one["Effect"] for one in found} == {"Allow"}
    return found


@pytest.mark.parametrize("host", ["web", "worker", "file"])
class TestRights:
    def test_a_host_may_do_what_is_listed_and_nothing_more(self, deployed: Clients, host: str) -> None:
        assert {action for one in statements(deployed, host) for action in one["Action"]} == ACTIONS[host]

    def test_it_reads_its_own_secrets_alone(self, deployed: Clients, host: str) -> None:
        (one,) = [one for one in statements(deployed, host) if "secretsmanager:GetSecretValue" in one["Action"]]
        named = {deployed("secretsmanager").describe_secret(SecretId=arn)["Name"] for arn in one["Resource"]}
        assert named == SECRETS[host]

    def test_it_touches_its_own_folders_of_the_bucket_alone(self, deployed: Clients, host: str) -> None:
        touching = [one for one in statements(deployed, host) if one["Action"][0].startswith("s3:")]
        (bucket,) = deployed("s3").list_buckets()["Buckets"]
        folders = set()
        for one in touching:
            if one["Action"] == ["s3:ListBucket"]:
                assert one["Resource"] == [f"arn:aws:s3:::{bucket['Name']}"]
                folders.add(one["Condition"]["StringLike"]["s3:prefix"].removesuffix("/*"))
            else:
                (resource,) = one["Resource"]
                folders.add(resource.removeprefix(f"arn:aws:s3:::{bucket['Name']}/").removesuffix("/*"))
        assert folders == FOLDERS[host]

    def test_it_writes_in_no_folder_but_that_of_backups(self, deployed: Clients, host: str) -> None:
        writing = {"s3:PutObject", "s3:DeleteObject"}
        found = [one["Resource"] for one in statements(deployed, host) if writing & set(one["Action"])]
        assert [resource.rpartition(":::")[2].partition("/")[2] for (resource,) in found] == (
            ["backups/*"] if host == "worker" else []
        )

    def test_its_figures_go_into_one_namespace(self, deployed: Clients, host: str) -> None:
        (one,) = [one for one in statements(deployed, host) if "cloudwatch:PutMetricData" in one["Action"]]
        assert one["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ANB"}}


class TestBucket:
    def test_it_is_private_encrypted_and_keeps_versions(self, deployed: Clients) -> None:
        s3 = deployed("s3")
        (bucket,) = s3.list_buckets()["Buckets"]
        blocked = s3.get_public_access_block(Bucket=bucket["Name"])["PublicAccessBlockConfiguration"]
        assert set(blocked.values()) == {True}
        assert len(blocked) == 4
        assert s3.get_bucket_versioning(Bucket=bucket["Name"])["Status"] == "Enabled"
        (rule,) = s3.get_bucket_encryption(Bucket=bucket["Name"])["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

    def test_nobody_reaches_it_without_tls(self, deployed: Clients) -> None:
        (bucket,) = deployed("s3").list_buckets()["Buckets"]
        (one,) = json.loads(deployed("s3").get_bucket_policy(Bucket=bucket["Name"])["Policy"])["Statement"]
        assert (one["Effect"], one["Principal"], one["Action"]) == ("Deny", "*", "s3:*")
        assert one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_no_backup_goes_by_age_alone(self, deployed: Clients) -> None:
        (bucket,) = deployed("s3").list_buckets()["Buckets"]
        rules = deployed("s3").get_bucket_lifecycle_configuration(Bucket=bucket["Name"])["Rules"]
        assert [rule.get("Expiration", {}).get("Days") for rule in rules] == [None]
        assert rules[0]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}

    def test_it_outlives_the_stack_and_the_database_leaves_a_snapshot(self, template: Template) -> None:
        assert template["Resources"]["Bucket"]["DeletionPolicy"] == "Retain"
        assert template["Resources"]["Database"]["DeletionPolicy"] == "Snapshot"


class TestSecrets:
    def test_each_is_long_and_nobodys_choice(self, deployed: Clients) -> None:
        secrets_manager = deployed("secretsmanager")
        values = {
            name: secrets_manager.get_secret_value(SecretId=name)["SecretString"]
            for name in ("anb/secret-key", "anb/vote-log-key", "anb/queue", "anb/database")
        }
        account = json.loads(values["anb/database"])
        assert account["username"] == "anb"
        words = [*(values[name] for name in ("anb/secret-key", "anb/vote-log-key", "anb/queue")), account["password"]]
        assert [(len(word), word.isalnum()) for word in words] == [(48, True)] * 4
        assert len(set(words)) == 4

    def test_the_database_was_made_with_its_own(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        assert found["MasterUsername"] == "anb"


class TestAlarms:
    def test_each_of_the_issue_is_there_and_writes_to_the_contact(self, deployed: Clients) -> None:
        alarms = deployed("cloudwatch").describe_alarms()["MetricAlarms"]
        watched = {(one["Namespace"], one["MetricName"], len(one["Dimensions"])) for one in alarms}
        assert watched == {
            ("ANB", "OldestQueuedSeconds", 0),
            ("ANB", "OldestMailSeconds", 0),
            ("ANB", "DeadMails", 0),
            ("ANB", "ErasuresUnfinished", 0),
            ("ANB", "ErasuresDueSoon", 0),
            ("ANB", "RetentionAgeHours", 0),
            ("ANB", "OldestUncountedSeconds", 0),
            ("ANB", "CountsDiffering", 0),
            ("ANB", "CountComparedSeconds", 0),
            ("ANB", "ResultsUnfrozen", 0),
            ("ANB", "DiskUsedPercent", 1),
            ("ANB", "Responses5xx", 0),
            ("ANB", "BackupAgeHours", 0),
            ("AWS/EC2", "CPUSurplusCreditsCharged", 1),
            ("AWS/RDS", "CPUSurplusCreditsCharged", 1),
            ("AWS/RDS", "FreeStorageSpace", 1),
        }
        (topic,) = deployed("sns").list_topics()["Topics"]
        assert {action for one in alarms for action in one["AlarmActions"]} == {topic["TopicArn"]}
        (told,) = deployed("sns").list_subscriptions()["Subscriptions"]
        assert (told["Protocol"], told["Endpoint"]) == ("email", "ops@anb.example")

    def test_every_server_has_an_alarm_on_its_disk_and_on_its_credits(self, deployed: Clients) -> None:
        alarms = deployed("cloudwatch").describe_alarms()["MetricAlarms"]
        disks = {one["Dimensions"][0]["Value"] for one in alarms if one["MetricName"] == "DiskUsedPercent"}
        spent = {one["Dimensions"][0]["Value"] for one in alarms if one["MetricName"] == "CPUSurplusCreditsCharged"}
        servers = [one for group in deployed("ec2").describe_instances()["Reservations"] for one in group["Instances"]]
        assert disks == {"web", "worker", "file"}
        assert spent == {one["InstanceId"] for one in servers} | {"anb"}

    def test_servers_run_on_when_their_credits_are_spent(self, template: Template) -> None:
        servers = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::EC2::Instance"]
        assert [one["CreditSpecification"] for one in servers] == [{"CPUCredits": "unlimited"}] * 3

    def test_a_silent_host_is_an_alarm(self, deployed: Clients) -> None:
        alarms = deployed("cloudwatch").describe_alarms()["MetricAlarms"]
        disks = [one["TreatMissingData"] for one in alarms if one["MetricName"] == "DiskUsedPercent"]
        assert disks == ["breaching"] * 3


class TestSnapshots:
    """moto has no Data Lifecycle Manager, so the template is read."""

    def test_the_disk_of_the_file_server_is_saved_daily(self, template: Template) -> None:
        policy = template["Resources"]["Snapshots"]["Properties"]["PolicyDetails"]
        assert policy["ResourceTypes"] == ["VOLUME"]
        assert policy["TargetTags"] == [{"Key": "Name", "Value": "anb-file"}]
        (schedule,) = policy["Schedules"]
        assert schedule["CreateRule"]["Interval"] == 24
        assert schedule["RetainRule"] == {"Count": 7}

    def test_that_disk_carries_the_mark(self, deployed: Clients) -> None:
        volumes = deployed("ec2").describe_volumes(Filters=[{"Name": "tag:Name", "Values": ["anb-file"]}])["Volumes"]
        assert len(volumes) == 1
