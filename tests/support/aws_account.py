"""An AWS account in moto, and the stack deployed in it by the code that deploys it on AWS."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from deploy.aws import moto_cloudformation
from deploy.aws.deployment import deploy
from deploy.aws.place import Clients
from deploy.aws.template import Template
from moto import mock_aws

REGION = "us-east-1"
AT_ONCE = {"Delay": 0, "MaxAttempts": 2}
SAID = {"SshRange": "203.0.113.0/24", "Contact": "ops@anb.example"}


@cache
def _client(service: str) -> Any:
    """Return a client, the same one in each account: moto answers it, whichever account is active."""
    return boto3.client(service, region_name=REGION)


@dataclass
class Images:
    """The public parameters, of which moto lacks Debian's."""

    newest: str

    def get_parameter(self, Name: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's word
        assert Name == "/aws/service/debian/release/13/latest/amd64"
        return {"Parameter": {"Value": self.newest}}


@dataclass
class FakeAwsAccount:
    """Clients of boto3; `instead` holds those that a test replaces."""

    images: Images
    instead: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return {"ssm": self.images, **self.instead}.get(service) or _client(service)

    def image(self, root_device: str) -> str:
        """Return an image whose first disk has this name."""
        found = self.client("ec2").describe_images()["Images"]
        return str(next(one["ImageId"] for one in found if one["RootDeviceName"] == root_device))


@contextmanager
def rehearsed() -> Iterator[FakeAwsAccount]:
    """Make an account without a stack."""
    with mock_aws():
        moto_cloudformation.teach()
        account = FakeAwsAccount(Images(""))
        account.images.newest = account.image("/dev/xvda")
        yield account


def put_up(template: Template, aws: Clients, **more: str) -> dict[str, str]:
    """Deploy; return the outputs."""
    return dict(deploy(template, SAID | more, aws, poll=AT_ONCE))
