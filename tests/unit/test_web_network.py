"""A client is exempt from limits by the network that it comes from."""

from types import SimpleNamespace

import pytest
from fastapi import Request

from anb.web.network import is_exempt_here

APP = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(rate_exempt_networks="10.0.0.0/8, 2001:db8::/32")))


@pytest.mark.parametrize(
    ("address", "exempt"),
    [("10.1.2.3", True), ("2001:db8::7", True), ("11.1.2.3", False), ("2001:db9::7", False), (None, False)],
)
def test_only_clients_of_a_named_network_are_exempt(address: str | None, *, exempt: bool) -> None:
    client = None if address is None else (address, 1)
    assert is_exempt_here(Request({"type": "http", "app": APP, "client": client, "headers": []})) is exempt
