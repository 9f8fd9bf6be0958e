"""Teaches moto's CloudFormation what it lacks, so that the template can be deployed without AWS: tests, and the lab."""

import json
import secrets
from functools import cache
from typing import Any

import boto3
from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult

from deploy.aws import performed
from deploy.aws.performed import Clients, Made, Properties

# Made by nobody, since moto knows no such service: what tests say of these, they read in the template.
NOT_REHEARSED = ("AWS::DLM::LifecyclePolicy",)


def bucket_policy(clients: Clients, wanted: Properties) -> Made:
    """Say who may not touch a bucket."""
    clients("s3").put_bucket_policy(Bucket=wanted["Bucket"], Policy=json.dumps(wanted["PolicyDocument"]))
    return Made(f"{wanted['Bucket']}-policy")


def role(clients: Clients, wanted: Properties) -> Made:
    """Make a role with its rights (moto would keep them as Python writes them, not as JSON)."""
    iam, name = clients("iam"), f"anb-{secrets.token_hex(6)}"
    trusted = json.dumps(wanted["AssumeRolePolicyDocument"])
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, Description=wanted["Description"])
    for policy in wanted["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    return Made(name, {"Arn": made["Role"]["Arn"]})


def topic_policy(clients: Clients, wanted: Properties) -> Made:
    """Say who may publish."""
    for topic in wanted["Topics"]:
        clients("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(wanted["PolicyDocument"])
        )
    return Made("topic-policy")


def subscription(clients: Clients, wanted: Properties) -> Made:
    """Tell somebody."""
    return Made(clients("sns").subscribe(ReturnSubscriptionArn=True, **wanted)["SubscriptionArn"])


def alarm(clients: Clients, wanted: Properties) -> Made:
    """Watch a figure."""
    clients("cloudwatch").put_metric_alarm(**wanted)
    return Made(wanted["AlarmName"])


def nothing(_clients: Clients, _wanted: Properties) -> Made:
    """Stand for what is not rehearsed."""
    return Made("not-rehearsed")


def end_instance(clients: Clients, made: Made) -> None:
    """End a server; one that is protected refuses."""
    clients("ec2").terminate_instances(InstanceIds=[made.id])


def end_database(clients: Clients, made: Made) -> None:
    """Delete the database; one that is protected refuses. A snapshot is left."""
    clients("rds").delete_db_instance(DBInstanceIdentifier=made.id, FinalDBSnapshotIdentifier=f"{made.id}-last")


def end_secret(clients: Clients, made: Made) -> None:
    """Forget a secret."""
    clients("secretsmanager").delete_secret(SecretId=made.id, ForceDeleteWithoutRecovery=True)


# What is really removed with the stack. A change of what stands is not rehearsed at all.
ENDED = {
    "AWS::EC2::SecurityGroup": lambda clients, made: clients("ec2").delete_security_group(GroupId=made.id),
    "AWS::EC2::Instance": end_instance,
    "AWS::RDS::DBInstance": end_database,
    "AWS::SecretsManager::Secret": end_secret,
}
TAUGHT = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::EC2::EIP": performed.elastic_address,
    "AWS::EC2::EIPAssociation": performed.address_association,
    "AWS::EC2::Instance": performed.instance,
    "AWS::EC2::NetworkInterface": performed.network_interface,
    "AWS::EC2::SecurityGroup": performed.security_group,
    "AWS::EC2::SecurityGroupIngress": performed.ingress,
    "AWS::IAM::Role": role,
    "AWS::RDS::DBInstance": performed.database,
    "AWS::RDS::DBParameterGroup": performed.parameter_group,
    "AWS::RDS::DBSubnetGroup": performed.subnet_group,
    "AWS::S3::Bucket": performed.bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SecretsManager::Secret": performed.secret,
    **dict.fromkeys(NOT_REHEARSED, nothing),
}


def teach(endpoint: str | None = None) -> None:
    """Register the kinds that are TAUGHT, in the process that is moto.

    `endpoint` is the address of moto's own server; without it, calls go where boto3 sends them: to `mock_aws` in tests.
    """
    known = parsing.get_model_map()
    known.update({kind: _model(kind, make, endpoint) for kind, make in TAUGHT.items()})
    CloudFormationResponse.update_termination_protection = _protect
    ChangeSet.apply = _apply


def _apply(self: Any) -> None:  # noqa: ANN401 - moto's, untyped here
    """Carry out a change set, and let the stack have its outputs too, which moto forgets."""
    stack = self.stack
    stack.resource_map.update(self.template_dict, self.parameters)
    stack.template, stack.template_dict = self.template, self.template_dict
    stack.output_map = stack._create_output_map()  # noqa: SLF001 - moto has no other way


def _protect(self: Any) -> Any:  # noqa: ANN401 - moto's, untyped here
    """Answer UpdateTerminationProtection."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


def _clients(endpoint: str | None, region: str) -> Clients:
    return lambda service: _client(service, endpoint, region)


@cache
def _client(service: str, endpoint: str | None, region: str) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client, the same one each time: to make one takes longer than what it is asked."""
    made_up = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"} if endpoint else {}
    return boto3.client(service, region_name=region, endpoint_url=endpoint, **made_up)


def _model(kind: str, make: Any, endpoint: str | None) -> type[Any]:  # noqa: ANN401 - moto's, untyped here
    """Return a kind of resource as moto's CloudFormation wants it."""

    def create(cls: Any, /, name: str, wanted: Any, _account: str, region: str, **_more: Any) -> Any:  # noqa: ANN401
        properties = dict(wanted["Properties"])
        if kind == "AWS::S3::Bucket":
            properties.setdefault("BucketName", name)
        return cls(make(_clients(endpoint, region), properties))

    def end(self: Any, _account: str, region: str) -> None:  # noqa: ANN401
        if kind in ENDED:
            ENDED[kind](_clients(endpoint, region), self.made)

    return type(
        "Rehearsed",
        (CloudFormationModel,),
        {
            "__init__": lambda self, made: setattr(self, "made", made),
            "physical_resource_id": property(lambda self: self.made.id),
            "get_cfn_attribute": lambda self, name: self.made.attributes[name],
            "has_cfn_attr": classmethod(lambda _cls, _name: True),  # a missing one is a KeyError of the line above
            "is_created": lambda _self: True,
            "create_from_cloudformation_json": classmethod(create),
            "update_from_cloudformation_json": classmethod(lambda _cls, original_resource, **_more: original_resource),
            "delete": end,
        },
    )
