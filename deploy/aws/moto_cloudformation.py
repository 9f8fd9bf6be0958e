"""Adds to moto's CloudFormation what it lacks, so that tests and the lab can deploy the template without AWS."""

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

from deploy.aws import moto_mail, moto_resources
from deploy.aws.moto_resources import Clients, MotoResource, Properties

# Not created, since moto has no such service. Tests read these in the template.
NOT_REHEARSED = ("AWS::DLM::LifecyclePolicy",)


def bucket_policy(clients: Clients, wanted: Properties) -> MotoResource:
    """Set the policy of a bucket."""
    clients("s3").put_bucket_policy(Bucket=wanted["Bucket"], Policy=json.dumps(wanted["PolicyDocument"]))
    return MotoResource(f"{wanted['Bucket']}-policy")


def role(clients: Clients, wanted: Properties) -> MotoResource:
    """Make a role with its rights (moto would store them as Python prints them, not as JSON)."""
    iam, name = clients("iam"), f"anb-{secrets.token_hex(6)}"
    trusted = json.dumps(wanted["AssumeRolePolicyDocument"])
    created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, Description=wanted["Description"])
    for policy in wanted["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
    return MotoResource(name, {"Arn": created["Role"]["Arn"]})


def topic_policy(clients: Clients, wanted: Properties) -> MotoResource:
    """Set the policy of a topic."""
    for topic in wanted["Topics"]:
        clients("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(wanted["PolicyDocument"])
        )
    return MotoResource("topic-policy")


def subscription(clients: Clients, wanted: Properties) -> MotoResource:
    """Subscribe an address."""
    return MotoResource(clients("sns").subscribe(ReturnSubscriptionArn=True, **wanted)["SubscriptionArn"])


def alarm(clients: Clients, wanted: Properties) -> MotoResource:
    """Make an alarm."""
    clients("cloudwatch").put_metric_alarm(**wanted)
    return MotoResource(wanted["AlarmName"])


def nothing(_clients: Clients, _wanted: Properties) -> MotoResource:
    """Represent a resource that moto cannot make."""
    return MotoResource("not-rehearsed")


def end_instance(clients: Clients, made: MotoResource) -> None:
    """End a server. A protected one refuses."""
    clients("ec2").terminate_instances(InstanceIds=[made.id])


def end_database(clients: Clients, made: MotoResource) -> None:
    """Delete the database, leaving a snapshot. A protected one refuses."""
    clients("rds").delete_db_instance(DBInstanceIdentifier=made.id, FinalDBSnapshotIdentifier=f"{made.id}-last")


def end_secret(clients: Clients, made: MotoResource) -> None:
    """Delete a secret."""
    clients("secretsmanager").delete_secret(SecretId=made.id, ForceDeleteWithoutRecovery=True)


# Kinds that are removed with the stack. Changes of existing resources are not simulated.
ENDED = {
    "AWS::EC2::SecurityGroup": lambda clients, made: clients("ec2").delete_security_group(GroupId=made.id),
    "AWS::EC2::Instance": end_instance,
    "AWS::RDS::DBInstance": end_database,
    "AWS::SecretsManager::Secret": end_secret,
}
TAUGHT = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::EC2::EIP": moto_resources.elastic_address,
    "AWS::EC2::EIPAssociation": moto_resources.address_association,
    "AWS::EC2::Instance": moto_resources.instance,
    "AWS::EC2::NetworkInterface": moto_resources.network_interface,
    "AWS::EC2::SecurityGroup": moto_resources.security_group,
    "AWS::EC2::SecurityGroupIngress": moto_resources.ingress,
    "AWS::IAM::AccessKey": moto_mail.access_key,
    "AWS::IAM::Role": role,
    "AWS::IAM::User": moto_mail.user,
    "AWS::RDS::DBInstance": moto_resources.database,
    "AWS::RDS::DBParameterGroup": moto_resources.parameter_group,
    "AWS::RDS::DBSubnetGroup": moto_resources.subnet_group,
    "AWS::S3::Bucket": moto_resources.bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SES::ConfigurationSet": moto_mail.rules,
    "AWS::SES::EmailIdentity": moto_mail.identity,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SecretsManager::Secret": moto_resources.secret,
    **dict.fromkeys(NOT_REHEARSED, nothing),
}


_moto_changes = parsing.parse_and_update_resource


def teach(endpoint: str | None = None) -> None:
    """Register the TAUGHT kinds in moto's process.

    `endpoint` is the address of moto's own server. Without it, calls go where boto3 sends them: to `mock_aws` in tests.
    """
    known = parsing.get_model_map()
    known.update({kind: _model(kind, make, endpoint) for kind, make in TAUGHT.items()})
    CloudFormationResponse.update_termination_protection = _protect
    ChangeSet.apply = _apply
    parsing.parse_and_update_resource = _change


def _change(name: str, resource: Properties, known: Any, account_id: str, region_name: str) -> Any:  # noqa: ANN401
    """Change a resource. moto would also change one that its condition left out: it is left out or made instead."""
    condition = resource.get("Condition")
    if condition and not known.lazy_condition_map[condition]:
        return None
    made = known._parsed_resources.get(name)  # noqa: SLF001 - moto has no other way
    act = _moto_changes if made is not None else parsing.parse_and_create_resource
    return act(name, resource, known, account_id=account_id, region_name=region_name)


def _apply(self: Any) -> None:  # noqa: ANN401 - moto's, untyped here
    """Execute a change set, and set the stack's outputs, which moto forgets."""
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
    """Return a client, the same one each time: creating one takes longer than the call."""
    made_up = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"} if endpoint else {}
    return boto3.client(service, region_name=region, endpoint_url=endpoint, **made_up)


def _without_nothing(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return the value without what AWS::NoValue left in lists, which moto keeps."""
    if isinstance(value, dict):
        return {key: _without_nothing(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_nothing(one) for one in value if one is not None]
    return value


def _model(kind: str, make: Any, endpoint: str | None) -> type[Any]:  # noqa: ANN401 - moto's, untyped here
    """Return a resource class as moto's CloudFormation expects it."""

    def create(cls: Any, /, name: str, wanted: Any, _account: str, region: str, **_more: Any) -> Any:  # noqa: ANN401
        properties = _without_nothing(wanted["Properties"])
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
