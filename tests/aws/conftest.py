"""The template once for all, and a deployment of it into moto, by the same code that deploys to AWS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from deploy.aws import rehearsal
from deploy.aws.deployment import deploy
from deploy.aws.place import Clients
from deploy.aws.template import Template, synthesise
from moto import mock_aws

REGION = "us-east-1"
AT_ONCE = {"Delay": 0, "MaxAttempts": 2}
SAID = {"SshRange": "203.0.113.0/24", "Contact": "ops@anb.example"}


@pytest.fixture(scope="session")
def template() -> Template:
    return synthesise()


@dataclass
class Account:
    """An account of moto: clients, and an image of Debian that its parameter store names."""

    image: str
    instead: dict[str, Any]

    def client(self, service: str) -> Any:
        return self.instead.get(service) or boto3.client(service, region_name=REGION)


class Store:
    """The public parameters, of which moto lacks Debian's."""

    def __init__(self, image: str) -> None:
        self.image = image

    def get_parameter(self, Name: str) -> Mapping[str, Any]:  # noqa: N803 - boto3's word
        assert Name == "/aws/service/debian/release/13/latest/amd64"
        return {"Parameter": {"Value": self.image}}


@pytest.fixture
def account() -> Iterator[Account]:
    yield from _account()


@pytest.fixture
def aws(account: Account) -> Clients:
    return account.client


@pytest.fixture(scope="module")
def deployed(template: Template) -> Iterator[Clients]:
    """Return an account in which the stack stands; for tests that only look."""
    for account in _account():
        deploy(template, SAID, account.client, poll=AT_ONCE)
        yield account.client


def _account() -> Iterator[Account]:
    with mock_aws():
        rehearsal.teach()
        images = boto3.client("ec2", region_name=REGION).describe_images()["Images"]
        image = next(one["ImageId"] for one in images if one["RootDeviceName"] == "/dev/xvda")
        yield Account(image, {"ssm": Store(image)})
