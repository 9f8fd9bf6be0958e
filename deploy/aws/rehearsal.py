"""Teaches moto's CloudFormation what it lacks, so that the template can be deployed without AWS: tests, and the lab."""

import json
from typing import Any

import boto3
from moto.cloudformation import parsing
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


TAUGHT = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::EC2::EIP": performed.elastic_address,
    "AWS::EC2::EIPAssociation": performed.address_association,
    "AWS::EC2::Instance": performed.instance,
    "AWS::EC2::NetworkInterface": performed.network_interface,
    "AWS::EC2::SecurityGroup": performed.security_group,
    "AWS::EC2::SecurityGroupIngress": performed.ingress,
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
    known.update({kind: _model(make, endpoint) for kind, make in TAUGHT.items()})
    CloudFormationResponse.update_termination_protection = _protect


def _protect(self: Any) -> Any:  # noqa: ANN401 - moto's, untyped here
    """Answer UpdateTerminationProtection."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


def _clients(endpoint: str | None, region: str) -> Clients:
    made_up = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"} if endpoint else {}
    return lambda service: boto3.client(service, region_name=region, endpoint_url=endpoint, **made_up)


def _model(make: Any, endpoint: str | None) -> type[Any]:  # noqa: ANN401 - moto's, untyped here
    """Return a kind of resource as moto's CloudFormation wants it."""

    def create(cls: Any, /, name: str, wanted: Any, _account: str, region: str, **_more: Any) -> Any:  # noqa: ANN401
        properties = dict(wanted["Properties"])
        if wanted["Type"] == "AWS::S3::Bucket":
            properties.setdefault("BucketName", name)
        return cls(make(_clients(endpoint, region), properties))

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
        },
    )
