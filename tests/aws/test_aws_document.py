"""The resources in moto are the ones the deployment document names, and no others. The tables are written by hand."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from deploy.aws.place import Clients
from deploy.aws.reachability import Arrow, reachability
from deploy.aws.template import Template
from deploy.hosts.database import PARAMETERS

# "Componentes Principales": host, type, GiB
SERVERS = {"anb-web": ("t3.small", 50), "anb-worker": ("t3.small", 50), "anb-file": ("t3.small", 50)}
# "Security Groups", with its arrows where its lists contradict them (decision 0021): group -> permitted sources
INBOUND = {
    "anb-web-sg": {(22, "203.0.113.0/24"), (80, "0.0.0.0/0"), (443, "0.0.0.0/0")},
    "anb-worker-sg": {(22, "203.0.113.0/24")},
    "anb-file-sg": {
        (22, "203.0.113.0/24"),
        (2049, "anb-web-sg"),
        (2049, "anb-worker-sg"),
        (6379, "anb-web-sg"),
        (6379, "anb-worker-sg"),
    },
    "anb-rds-sg": {(5432, "anb-web-sg"), (5432, "anb-worker-sg")},
}
OUTSIDE = {"client": "198.51.100.9", "operator": "203.0.113.7"}
# The arrows of "Diagrama de Despliegue": which host opens connections to which, and where.
ARROWS = {
    ("client", "web", 80),
    ("client", "web", 443),
    ("web", "file", 2049),
    ("web", "file", 6379),
    ("web", "rds", 5432),
    ("worker", "file", 2049),
    ("worker", "file", 6379),
    ("worker", "rds", 5432),
}
# SSH of "Security Groups", from the given range; an operator is a client, too.
OPERATOR = {("operator", host, 22) for host in ("web", "worker", "file")} | {
    ("operator", "web", 80),
    ("operator", "web", 443),
}
# What follows from two arrows of the document: HTTPS is open to everyone, hosts included, and hosts speak HTTPS.
EVERYBODY = {(host, "web", 443) for host in ("web", "worker", "file")}
# Listed apart: what hosts may ask of the internet.
EGRESS = {("tcp", 443), ("tcp", 53), ("udp", 53), ("udp", 123)}


def servers(aws: Clients) -> dict[str, Any]:
    found = [one for group in aws("ec2").describe_instances()["Reservations"] for one in group["Instances"]]
    named = {tag["Value"]: one for one in found for tag in one["Tags"] if tag["Key"] == "Name"}
    assert len(named) == len(found)
    return named


class TestServers:
    def test_there_are_three_of_the_type_and_the_disk_the_document_says(self, deployed: Clients) -> None:
        found = servers(deployed)
        disks = {
            name: [
                volume["Size"]
                for mapping in server["BlockDeviceMappings"]
                for volume in deployed("ec2").describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
            ]
            for name, server in found.items()
        }
        assert {name: (one["InstanceType"], *disks[name]) for name, one in found.items()} == SERVERS

    def test_every_disk_there_is_is_encrypted_gp3(self, deployed: Clients) -> None:
        volumes = deployed("ec2").describe_volumes()["Volumes"]
        assert [(one["Encrypted"], one["VolumeType"]) for one in volumes] == [(True, "gp3")] * 3

    def test_the_disk_with_the_clips_outlives_its_server(self, deployed: Clients) -> None:
        goes = {
            name: one["BlockDeviceMappings"][0]["Ebs"]["DeleteOnTermination"] for name, one in servers(deployed).items()
        }
        assert goes == {"anb-web": True, "anb-worker": True, "anb-file": False}

    def test_metadata_is_read_with_a_token_and_by_the_host_alone(self, deployed: Clients) -> None:
        options = [one["MetadataOptions"] for one in servers(deployed).values()]
        assert [(one["HttpTokens"], one["HttpPutResponseHopLimit"]) for one in options] == [("required", 1)] * 3

    def test_all_stand_in_the_default_network_in_one_zone(self, deployed: Clients) -> None:
        found = servers(deployed).values()
        (default,) = deployed("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        assert {one["VpcId"] for one in found} == {default["VpcId"]}
        assert len({one["Placement"]["AvailabilityZone"] for one in found}) == 1

    def test_the_file_server_alone_cannot_be_ended_by_a_slip(self, deployed: Clients) -> None:
        ec2 = deployed("ec2")
        guarded = {
            name: ec2.describe_instance_attribute(InstanceId=one["InstanceId"], Attribute="disableApiTermination")[
                "DisableApiTermination"
            ]["Value"]
            for name, one in servers(deployed).items()
        }
        assert guarded == {"anb-web": False, "anb-worker": False, "anb-file": True}

    def test_the_file_server_has_an_interface_of_its_own_and_a_way_out(self, deployed: Clients) -> None:
        (interface,) = servers(deployed)["anb-file"]["NetworkInterfaces"]
        (address,) = deployed("ec2").describe_addresses()["Addresses"]
        assert address["NetworkInterfaceId"] == interface["NetworkInterfaceId"]


class TestDatabase:
    def test_it_is_the_one_of_the_document(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        size = (found["Engine"], found["DBInstanceClass"], found["AllocatedStorage"])
        assert size == ("postgres", "db.t3.micro", 100)
        assert found["EngineVersion"].split(".")[0] == "18"

    def test_it_is_private_encrypted_and_can_be_taken_back_in_time(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        assert not found["PubliclyAccessible"]
        assert found["StorageEncrypted"]
        assert found["BackupRetentionPeriod"] == 14
        assert found["DeletionProtection"]

    def test_it_takes_nothing_but_tls(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        group = found["DBParameterGroups"][0]["DBParameterGroupName"]
        told = deployed("rds").describe_db_parameters(DBParameterGroupName=group)["Parameters"]
        assert {one["ParameterName"]: one["ParameterValue"] for one in told}["rds.force_ssl"] == "1"

    def test_its_parameters_are_spelled_as_rds_does(self, template: Template) -> None:
        told = template["Resources"]["DatabaseParameters"]["Properties"]["Parameters"]
        assert told["jit"] == "0"
        assert {"on", "off", "true", "false"} & set(told.values()) == set()
        assert set(PARAMETERS) < set(told)

    def test_it_rests_while_nobody_watches(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        windows = (found["PreferredBackupWindow"], found["PreferredMaintenanceWindow"])
        assert windows == ("06:30-07:00", "mon:09:30-mon:10:30")

    def test_it_stands_in_its_group_and_in_no_other(self, deployed: Clients) -> None:
        (found,) = deployed("rds").describe_db_instances()["DBInstances"]
        (held,) = found["VpcSecurityGroups"]
        (group,) = deployed("ec2").describe_security_groups(GroupIds=[held["VpcSecurityGroupId"]])["SecurityGroups"]
        assert group["GroupName"] == "anb-rds-sg"


def inbound(aws: Clients) -> Iterator[tuple[str, set[tuple[Any, ...]]]]:
    groups = [one for one in aws("ec2").describe_security_groups()["SecurityGroups"] if one["GroupName"] != "default"]
    names = {one["GroupId"]: one["GroupName"] for one in groups}
    for group in groups:
        rules = set()
        for rule in group["IpPermissions"]:
            assert rule["IpProtocol"] == "tcp"
            assert rule["FromPort"] == rule["ToPort"]
            assert not rule["Ipv6Ranges"]
            assert not rule["PrefixListIds"]
            whom = [one["CidrIp"] for one in rule["IpRanges"]] + [
                names[one["GroupId"]] for one in rule["UserIdGroupPairs"]
            ]
            rules |= {(rule["FromPort"], one) for one in whom}
        yield group["GroupName"], rules


class TestArrows:
    def test_the_groups_let_in_what_the_document_says(self, deployed: Clients) -> None:
        assert dict(inbound(deployed)) == INBOUND

    def test_each_server_stands_in_its_group_and_in_no_other(self, deployed: Clients) -> None:
        held = {
            name: [group["GroupName"] for interface in one["NetworkInterfaces"] for group in interface["Groups"]]
            for name, one in servers(deployed).items()
        }
        assert held == {name: [f"{name}-sg"] for name in SERVERS}

    def test_who_reaches_whom_is_the_document_and_nothing_more(self, deployed: Clients) -> None:
        found = {arrow for arrow in reachability(deployed("ec2"), OUTSIDE) if arrow.target not in OUTSIDE}
        wanted = {Arrow(a, b, "tcp", port, port) for a, b, port in ARROWS | OPERATOR | EVERYBODY}
        assert found == wanted

    def test_hosts_ask_the_world_for_packages_names_and_time_alone(self, deployed: Clients) -> None:
        found = {arrow for arrow in reachability(deployed("ec2"), OUTSIDE) if arrow.target in OUTSIDE}
        hosts = ("web", "worker", "file")
        wanted = {Arrow(a, b, kind, port, port) for a in hosts for b in OUTSIDE for kind, port in EGRESS}
        assert found == wanted | {Arrow("worker", whom, "tcp", 587, 587) for whom in OUTSIDE}  # mail


class TestThereIsNothingMore:
    def test_no_resource_of_a_kind_the_docs_do_not_know(self, template: dict[str, Any]) -> None:
        count: dict[str, int] = {}
        for resource in template["Resources"].values():
            count[resource["Type"]] = count.get(resource["Type"], 0) + 1
        assert count == {
            "AWS::CloudWatch::Alarm": 20,
            "AWS::DLM::LifecyclePolicy": 1,
            "AWS::EC2::EIP": 2,
            "AWS::EC2::EIPAssociation": 2,
            "AWS::EC2::Instance": 3,
            "AWS::EC2::LaunchTemplate": 1,
            "AWS::EC2::NetworkInterface": 1,
            "AWS::EC2::SecurityGroup": 4,
            "AWS::EC2::SecurityGroupIngress": 6,
            "AWS::IAM::AccessKey": 1,
            "AWS::IAM::InstanceProfile": 3,
            "AWS::IAM::Role": 4,
            "AWS::RDS::DBInstance": 1,
            "AWS::RDS::DBParameterGroup": 1,
            "AWS::RDS::DBSubnetGroup": 1,
            "AWS::S3::Bucket": 1,
            "AWS::S3::BucketPolicy": 1,
            "AWS::SNS::Subscription": 1,
            "AWS::SNS::Topic": 1,
            "AWS::SNS::TopicPolicy": 1,
            "AWS::SecretsManager::Secret": 5,
            **dict.fromkeys(("AWS::SES::ConfigurationSet", "AWS::SES::EmailIdentity", "AWS::IAM::User"), 1),
        }


class TestWhatHostsAreTold:
    @pytest.mark.parametrize("role", ["web", "worker", "file"])
    def test_each_learns_who_it_is_and_where_the_others_are(self, deployed: Clients, role: str) -> None:
        found, ec2 = servers(deployed), deployed("ec2")
        raw = ec2.describe_instance_attribute(InstanceId=found[f"anb-{role}"]["InstanceId"], Attribute="userData")
        told = base64.b64decode(raw["UserData"]["Value"]).decode()
        assert len(told.encode()) <= 16_384
        facts, _ = json.JSONDecoder().raw_decode(told[told.index("{") :])
        (bucket,) = deployed("s3").list_buckets()["Buckets"]
        (database,) = deployed("rds").describe_db_instances()["DBInstances"]
        assert facts["role"] == role
        assert facts["bucket"] == bucket["Name"]
        assert facts["file_host"] == found["anb-file"]["PrivateIpAddress"]
        assert facts["database_host"] == ("" if role == "file" else database["Endpoint"]["Address"])
        assert facts["contact"] == "ops@anb.example"
        assert facts["ssm_agent"] is True
        assert facts["settings"] == {}

    @pytest.mark.parametrize("role", ["web", "worker", "file"])
    def test_no_host_is_told_a_secret(self, deployed: Clients, role: str) -> None:
        ec2, secrets_manager = deployed("ec2"), deployed("secretsmanager")
        raw = ec2.describe_instance_attribute(
            InstanceId=servers(deployed)[f"anb-{role}"]["InstanceId"], Attribute="userData"
        )
        told = base64.b64decode(raw["UserData"]["Value"]).decode()
        kept = [
            secrets_manager.get_secret_value(SecretId=name)["SecretString"]
            for name in ("anb/secret-key", "anb/vote-log-key", "anb/queue", "anb/database")
        ]
        words = {*kept[:-1], json.loads(kept[-1])["password"]}
        assert [word for word in words if word in told] == []
        assert "{{resolve:" not in told
