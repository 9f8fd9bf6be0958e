"""What each host may do on AWS: read its own secrets, fetch releases, say how it is; the worker also keeps backups."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from deploy.aws.bucket import Store
from deploy.aws.passwords import Passwords
from deploy.hosts.metrics import NAMESPACE

# What Session Manager's agent needs, without the rest of its managed policy: no parameter store, no other queues.
SESSION_MANAGER = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)

Statement = dict[str, Any]


def declare(scope: cdk.Stack, bucket: Store, passwords: Passwords) -> dict[str, str]:
    """Return the name of each host's instance profile."""
    everything = [passwords.signing, passwords.queue, passwords.database]
    return {
        "web": _profile(scope, "Web", _host(bucket, everything)),
        "worker": _profile(scope, "Worker", [*_host(bucket, everything), *_backups(bucket)]),
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
    """Add, read, and forget old ones.

    A version stays for a month, and no host may remove versions: who takes a worker over cannot take the backups away.
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
    """Return the document by which a service of AWS may take a role."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
