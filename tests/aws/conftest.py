"""The template, made once, and one deployment of it for tests that only read it."""

from collections.abc import Iterator

import pytest
from deploy.aws.place import Clients
from deploy.aws.template import Template, synthesise

from support.aws_account import FakeAwsAccount, put_up, rehearsed


@pytest.fixture(scope="session")
def template() -> Template:
    return synthesise()


@pytest.fixture
def account() -> Iterator[FakeAwsAccount]:
    with rehearsed() as made:
        yield made


@pytest.fixture
def aws(account: FakeAwsAccount) -> Clients:
    return account.client


@pytest.fixture(scope="module")
def deployed(template: Template) -> Iterator[Clients]:
    with rehearsed() as made:
        put_up(template, made.client)
        yield made.client
