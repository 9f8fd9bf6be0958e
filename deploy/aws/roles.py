"""The AWS rights of each host: read its own secrets, fetch releases, send metrics; the worker also keeps backups."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from deploy.aws.bucket import Store
from deploy.aws.parameters import Given
from deploy.aws.passwords import SecretArns
from deploy.hosts.metrics import NAMESPACE

# The rights of Session Manager's agent, without the rest of its managed policy: no parameter store, no other queues.
SESSION_MANAGER = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)

Statement = dict[str, Any]


def declare(scope: cdk.Stack, bucket: Store, passwords: SecretArns, given: Given, mail: str) -> dict[str, str]:
    """Return the name of each host's instance profile."""
    shared = [passwords.queue, passwords.database]
    # Only workers send.
    sender = cdk.Fn.condition_if(given.sends_mail.logical_id, mail, cdk.Aws.NO_VALUE).to_string()
    return {
        "web": _profile(scope, "Web", _host(bucket, [passwords.signing, *shared])),  # only the web server signs
        "worker": _profile(scope, "Worker", [*_host(bucket, [passwords.log, *shared, sender]), *_backups(bucket)]),
        "file": _profile(scope, "File", _host(bucket, [passwords.queue])),
    }


def _host(bucket: Store, secrets: list[str]) -> list[Statement]:
    return [
        _allow(["secretsmanager:GetSecretValue"], secrets),
        *_read(bucket, "releases"),
        _allow(["cloudwatch:PutMetricData"], ["*"], {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}),
        _allow(list(SESSION_MANAGER), ["*"]),
    ]


def _backups(bucket: Store) -> list[Statement]:
    """Return the rights to add, read and expire backups.

    A version is kept for a month and no host may remove versions, so an attacker on a worker cannot remove the backups.
    """
    return [
        *_read(bucket, "backups"),
        _allow(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"], [f"{bucket.arn}/backups/*"]),
    ]


def _read(bucket: Store, folder: str) -> list[Statement]:
    return [
        _allow(["s3:GetObject"], [f"{bucket.arn}/{folder}/*"]),
        _allow(["s3:ListBucket"], [bucket.arn], {"StringLike": {"s3:prefix": f"{folder}/*"}}),
    ]


def _allow(actions: list[str], resources: list[str], condition: Statement | None = None) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | {"Condition": condition} if condition else statement


def _profile(scope: cdk.Stack, host: str, statements: list[Statement]) -> str:
    role = iam.CfnRole(
        scope,
        f"{host}Role",
        description=f"What the {host.lower()} host of ANB Rising Stars may do",
        assume_role_policy_document=trust("ec2.amazonaws.com"),
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="host", policy_document={"Version": "2012-10-17", "Statement": statements}
            )
        ],
    )
    return str(iam.CfnInstanceProfile(scope, f"{host}Profile", roles=[role.ref]).ref)


def trust(service: str) -> Statement:
    """Return the document that lets a service of AWS assume a role."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
