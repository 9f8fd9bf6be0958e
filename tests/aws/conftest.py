"""The template once for all, and a deployment of it for tests that only look."""

from collections.abc import Iterator

import pytest
from deploy.aws.place import Clients
from deploy.aws.template import Template, synthesise

from support.account import Account, put_up, rehearsed


@pytest.fixture(scope="session")
def template() -> Template:
    return synthesise()


@pytest.fixture
def account() -> Iterator[Account]:
    with rehearsed() as made:
        yield made


@pytest.fixture
def aws(account: Account) -> Clients:
    return account.client


@pytest.fixture(scope="module")
def deployed(template: Template) -> Iterator[Clients]:
    with rehearsed() as made:
        put_up(template, made.client)
        yield made.client
