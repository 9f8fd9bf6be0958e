"""What CloudFormation does for each kind of resource, as calls of the API, where moto does it badly or not at all."""

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
class Made:
    """A resource that exists: what Ref and Fn::GetAtt answer."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def security_group(clients: Clients, wanted: Properties) -> Made:
    """Make a group that lets in and out what is wanted, without the rule that a new one has for everything."""
    ec2 = clients("ec2")
    made = ec2.create_security_group(
        GroupName=wanted["GroupName"],
        Description=wanted["GroupDescription"],
        VpcId=wanted["VpcId"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": wanted["Tags"]}],
    )["GroupId"]
    (fresh,) = ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=made, IpPermissions=fresh["IpPermissionsEgress"])
    for rule in wanted.get("SecurityGroupIngress", []):
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[_permission(rule)])
    for rule in wanted["SecurityGroupEgress"]:
        ec2.authorize_security_group_egress(GroupId=made, IpPermissions=[_permission(rule)])
    return Made(made, {"GroupId": made})


def ingress(clients: Clients, wanted: Properties) -> Made:
    """Let one more arrow in."""
    clients("ec2").authorize_security_group_ingress(GroupId=wanted["GroupId"], IpPermissions=[_permission(wanted)])
    return Made(f"{wanted['GroupId']}|{wanted['FromPort']}|{wanted['SourceSecurityGroupId']}")


def _permission(rule: Properties) -> Properties:
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    whom = (
        {"UserIdGroupPairs": [{"GroupId": group, "Description": rule["Description"]}]}
        if group
        else {"IpRanges": [{"CidrIp": rule["CidrIp"], "Description": rule["Description"]}]}
    )
    return {"IpProtocol": rule["IpProtocol"], "FromPort": rule["FromPort"], "ToPort": rule["ToPort"], **whom}


def network_interface(clients: Clients, wanted: Properties) -> Made:
    """Make an interface that waits for its server."""
    made = clients("ec2").create_network_interface(
        SubnetId=wanted["SubnetId"], Groups=wanted["GroupSet"], Description=wanted["Description"]
    )["NetworkInterface"]
    return Made(made["NetworkInterfaceId"], {"PrimaryPrivateIpAddress": made["PrivateIpAddress"]})


def elastic_address(clients: Clients, wanted: Properties) -> Made:
    """Allocate an address."""
    made = clients("ec2").allocate_address(Domain=wanted["Domain"])
    return Made(made["PublicIp"], {"AllocationId": made["AllocationId"]})


def address_association(clients: Clients, wanted: Properties) -> Made:
    """Give an address to a server or to an interface."""
    return Made(clients("ec2").associate_address(**wanted)["AssociationId"])


def instance(clients: Clients, wanted: Properties) -> Made:
    """Start a server."""
    ec2 = clients("ec2")
    (made,) = ec2.run_instances(MinCount=1, MaxCount=1, **_server(wanted))["Instances"]
    if wanted.get("DisableApiTermination"):
        ec2.modify_instance_attribute(InstanceId=made["InstanceId"], DisableApiTermination={"Value": True})
    return Made(
        made["InstanceId"],
        {
            "AvailabilityZone": made["Placement"]["AvailabilityZone"],
            "PrivateIp": made["PrivateIpAddress"],
            "PublicIp": made.get("PublicIpAddress", ""),
        },
    )


def _server(wanted: Properties) -> Properties:
    """Say the properties of an instance as RunInstances does."""
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
    said = {**wanted, "DeviceIndex": int(wanted["DeviceIndex"])}
    groups = said.pop("GroupSet", None)
    return said | {"Groups": groups} if groups else said


def from_mould(ec2: Any, name: str) -> str:  # noqa: ANN401 - boto3's clients have no types
    """Start one more server from a launch template, with all of it (moto leaves its networks out). Return its id."""
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Latest"])[
        "LaunchTemplateVersions"
    ]
    data: Properties = version["LaunchTemplateData"]
    told = base64.b64decode(data["UserData"]).decode()
    (made,) = ec2.run_instances(MinCount=1, MaxCount=1, **{**data, "UserData": told})["Instances"]
    return str(made["InstanceId"])


def secret(clients: Clients, wanted: Properties) -> Made:
    """Make a secret nobody chose."""
    keeper, how = clients("secretsmanager"), wanted["GenerateSecretString"]
    value = keeper.get_random_password(
        PasswordLength=how["PasswordLength"], ExcludePunctuation=how["ExcludePunctuation"]
    )["RandomPassword"]
    if "SecretStringTemplate" in how:
        value = how["SecretStringTemplate"].rstrip("}") + f', "{how["GenerateStringKey"]}": "{value}"}}'
    return Made(keeper.create_secret(Name=wanted["Name"], Description=wanted["Description"], SecretString=value)["ARN"])


def bucket(clients: Clients, wanted: Properties) -> Made:
    """Make a bucket with all that protects it."""
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
    return Made(name, {"Arn": f"arn:aws:s3:::{name}"})


def _ageing(rule: Properties) -> Properties:
    said: Properties = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "ExpiredObjectDeleteMarker" in rule:
        said["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    same = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return said | {key: rule[key] for key in same if key in rule}


def subnet_group(clients: Clients, wanted: Properties) -> Made:
    """Say where the database may stand."""
    name = f"anb-{secrets.token_hex(6)}"
    clients("rds").create_db_subnet_group(DBSubnetGroupName=name, **wanted)
    return Made(name)


def parameter_group(clients: Clients, wanted: Properties) -> Made:
    """Tune the database."""
    rds, name = clients("rds"), f"anb-{secrets.token_hex(6)}"
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily=wanted["Family"], Description=wanted["Description"]
    )
    tuned = [
        {"ParameterName": key, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
        for key, value in wanted["Parameters"].items()
    ]
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=tuned)
    return Made(name)


def database(clients: Clients, wanted: Properties) -> Made:
    """Make the database, its password taken from the secret that the template names."""
    said = dict(wanted)
    said["VpcSecurityGroupIds"] = said.pop("VPCSecurityGroups")
    said |= {key: int(said[key]) for key in ("AllocatedStorage", "Port", "BackupRetentionPeriod")}
    said.pop("DeleteAutomatedBackups", None)  # CreateDBInstance has no such word; deleting has
    said.pop("AllowMajorVersionUpgrade", None)
    found = REFERENCE.fullmatch(said["MasterUserPassword"])
    if not found:
        raise ValueError("the database's password is not taken from a secret")
    kept = clients("secretsmanager").get_secret_value(SecretId=found["secret"])["SecretString"]
    said["MasterUserPassword"] = json.loads(kept)[found["key"]]
    made = clients("rds").create_db_instance(**said)["DBInstance"]
    endpoint = made["Endpoint"]
    return Made(wanted["DBInstanceIdentifier"], {f"Endpoint.{key}": str(value) for key, value in endpoint.items()})
