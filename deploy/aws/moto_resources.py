"""Creates resources with API calls as CloudFormation would, where moto's CloudFormation lacks or misses something."""

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]
Clients = Callable[[str], Any]  # name of a service -> its client
REFERENCE = re.compile(r"\{\{resolve:secretsmanager:(?P<secret>.+):SecretString:(?P<key>\w+)\}\}")


@dataclass(frozen=True)
class MotoResource:
    """A created resource, with the values that Ref and Fn::GetAtt return."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def security_group(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a group with the wanted rules, without the one that allows a new group all egress."""
    ec2 = clients("ec2")
    created = ec2.create_security_group(
        GroupName=wanted["GroupName"],
        Description=wanted["GroupDescription"],
        VpcId=wanted["VpcId"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": wanted["Tags"]}],
    )["GroupId"]
    (fresh,) = ec2.describe_security_groups(GroupIds=[created])["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=created, IpPermissions=fresh["IpPermissionsEgress"])
    for rule in wanted.get("SecurityGroupIngress", []):
        ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=[_permission(rule)])
    for rule in wanted["SecurityGroupEgress"]:
        ec2.authorize_security_group_egress(GroupId=created, IpPermissions=[_permission(rule)])
    return MotoResource(created, {"GroupId": created})


def ingress(clients: Clients, wanted: Properties) -> MotoResource:
    """Allow one more connection."""
    clients("ec2").authorize_security_group_ingress(GroupId=wanted["GroupId"], IpPermissions=[_permission(wanted)])
    return MotoResource(f"{wanted['GroupId']}|{wanted['FromPort']}|{wanted['SourceSecurityGroupId']}")


def _permission(rule: Properties) -> Properties:
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    whom = (
        {"UserIdGroupPairs": [{"GroupId": group, "Description": rule["Description"]}]}
        if group
        else {"IpRanges": [{"CidrIp": rule["CidrIp"], "Description": rule["Description"]}]}
    )
    return {"IpProtocol": rule["IpProtocol"], "FromPort": rule["FromPort"], "ToPort": rule["ToPort"], **whom}


def network_interface(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a network interface for a server that does not exist yet."""
    created = clients("ec2").create_network_interface(
        SubnetId=wanted["SubnetId"], Groups=wanted["GroupSet"], Description=wanted["Description"]
    )["NetworkInterface"]
    return MotoResource(created["NetworkInterfaceId"], {"PrimaryPrivateIpAddress": created["PrivateIpAddress"]})


def elastic_address(clients: Clients, wanted: Properties) -> MotoResource:
    """Allocate an address."""
    created = clients("ec2").allocate_address(Domain=wanted["Domain"])
    return MotoResource(created["PublicIp"], {"AllocationId": created["AllocationId"]})


def address_association(clients: Clients, wanted: Properties) -> MotoResource:
    """Attach an address to a server or an interface."""
    return MotoResource(clients("ec2").associate_address(**wanted)["AssociationId"])


def instance(clients: Clients, wanted: Properties) -> MotoResource:
    """Start a server."""
    ec2 = clients("ec2")
    (made,) = ec2.run_instances(MinCount=1, MaxCount=1, **_server(wanted))["Instances"]
    if wanted.get("DisableApiTermination"):
        ec2.modify_instance_attribute(InstanceId=made["InstanceId"], DisableApiTermination={"Value": True})
    return MotoResource(
        made["InstanceId"],
        {
            "AvailabilityZone": made["Placement"]["AvailabilityZone"],
            "PrivateIp": made["PrivateIpAddress"],
            "PublicIp": made.get("PublicIpAddress", ""),
        },
    )


def _server(wanted: Properties) -> Properties:
    """Return the properties of an instance as RunInstances takes them."""
    same = ("ImageId", "InstanceType", "KeyName", "MetadataOptions", "BlockDeviceMappings")
    tags = [{"ResourceType": kind, "Tags": wanted["Tags"]} for kind in ("instance", "volume")]
    return {key: wanted[key] for key in same if key in wanted} | {
        "IamInstanceProfile": {"Name": wanted["IamInstanceProfile"]},
        "CreditSpecification": {"CpuCredits": wanted["CreditSpecification"]["CPUCredits"]},
        "NetworkInterfaces": [_interface(one) for one in wanted["NetworkInterfaces"]],
        "TagSpecifications": tags,
        "UserData": base64.b64decode(wanted["UserData"]).decode(),
    }


def _interface(wanted: Properties) -> Properties:
    options = {**wanted, "DeviceIndex": int(wanted["DeviceIndex"])}
    groups = options.pop("GroupSet", None)
    return options | {"Groups": groups} if groups else options


def from_mould(ec2: Any, name: str) -> str:  # noqa: ANN401 - boto3's clients have no types
    """Start one more server from a launch template with its networks, which moto leaves out. Return its id."""
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Latest"])[
        "LaunchTemplateVersions"
    ]
    data: Properties = version["LaunchTemplateData"]
    user_data = base64.b64decode(data["UserData"]).decode()
    (made,) = ec2.run_instances(MinCount=1, MaxCount=1, **{**data, "UserData": user_data})["Instances"]
    return str(made["InstanceId"])


def secret(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a secret, with a random value unless the template gives one."""
    secrets_manager = clients("secretsmanager")
    value = wanted.get("SecretString") or _random(secrets_manager, wanted["GenerateSecretString"])
    return MotoResource(
        secrets_manager.create_secret(Name=wanted["Name"], Description=wanted["Description"], SecretString=value)["ARN"]
    )


def _random(secrets_manager: Any, how: Properties) -> str:  # noqa: ANN401 - boto3 has no types
    value: str = secrets_manager.get_random_password(
        PasswordLength=how["PasswordLength"], ExcludePunctuation=how["ExcludePunctuation"]
    )["RandomPassword"]
    if "SecretStringTemplate" in how:
        return str(how["SecretStringTemplate"]).rstrip("}") + f', "{how["GenerateStringKey"]}": "{value}"}}'
    return value


def bucket(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a bucket with its protection."""
    s3, name = clients("s3"), wanted["BucketName"]
    s3.create_bucket(Bucket=name)
    rules = [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"]}}
        for rule in wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    ]
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted["VersioningConfiguration"])
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=wanted["OwnershipControls"])
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"])
    ageing = [_ageing(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": ageing})
    return MotoResource(name, {"Arn": f"arn:aws:s3:::{name}"})


def _ageing(rule: Properties) -> Properties:
    converted: Properties = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "ExpiredObjectDeleteMarker" in rule:
        converted["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    same = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return converted | {key: rule[key] for key in same if key in rule}


def subnet_group(clients: Clients, wanted: Properties) -> MotoResource:
    """Make the database's subnet group."""
    name = f"anb-{secrets.token_hex(6)}"
    clients("rds").create_db_subnet_group(DBSubnetGroupName=name, **wanted)
    return MotoResource(name)


def parameter_group(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a parameter group."""
    rds, name = clients("rds"), f"anb-{secrets.token_hex(6)}"
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily=wanted["Family"], Description=wanted["Description"]
    )
    tuned = [
        {"ParameterName": key, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
        for key, value in wanted["Parameters"].items()
    ]
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=tuned)
    return MotoResource(name)


def database(clients: Clients, wanted: Properties) -> MotoResource:
    """Make the database, with the password of the secret that the template names."""
    options = dict(wanted)
    options["VpcSecurityGroupIds"] = options.pop("VPCSecurityGroups")
    options |= {key: int(options[key]) for key in ("AllocatedStorage", "Port", "BackupRetentionPeriod")}
    options.pop("DeleteAutomatedBackups", None)  # CreateDBInstance has no such option; deleting has
    options.pop("AllowMajorVersionUpgrade", None)
    found = REFERENCE.fullmatch(options["MasterUserPassword"])
    if not found:
        raise ValueError("the database's password does not come from a secret")
    kept = clients("secretsmanager").get_secret_value(SecretId=found["secret"])["SecretString"]
    options["MasterUserPassword"] = json.loads(kept)[found["key"]]
    created = clients("rds").create_db_instance(**options)["DBInstance"]
    endpoint = created["Endpoint"]
    return MotoResource(
        wanted["DBInstanceIdentifier"], {f"Endpoint.{key}": str(value) for key, value in endpoint.items()}
    )
