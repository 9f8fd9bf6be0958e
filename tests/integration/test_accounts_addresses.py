"""How people write their addresses, and which of them are one: docs/packages/accounts.md says the same."""

import httpx2 as httpx
import pytest

from support.browser_client import form
from support.worlds import World


def sign_up(world: World, email: str) -> httpx.Response:
    return world.client.post("/api/auth/signup", json=form(email=email))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("lucia@example.com", "lucia@example.com"),
        ("  Lucia@Example.COM ", "lucia@example.com"),
        ("lucia+anb@example.com", "lucia+anb@example.com"),
        ("lu.ci.a@example.com", "lu.ci.a@example.com"),
        ("LUCÍA@Peñarol.example", "lucía@peñarol.example"),
        ("luci\u0301a@example.com", "lucía@example.com"),
        ("lucia@xn--pearol-xwa.example", "lucia@peñarol.example"),
        ("Ana Ríos <Ana@example.com>", "ana@example.com"),  # as mail programs copy it
        ('"Ríos, Ana" <ana@example.com>', "ana@example.com"),
    ],
)
def test_an_address_is_kept_as_its_owner_would_read_it(world: World, typed: str, kept: str) -> None:
    made = sign_up(world, typed)
    assert (made.status_code, made.json()["email"]) == (201, kept)
    assert sign_up(world, kept).json()["code"] == "email-taken"


@pytest.mark.parametrize("typed", ["Lucia@Example.com", " lucia@example.com", "Lucía <LUCIA@EXAMPLE.COM>"])
def test_each_way_of_writing_it_signs_in(world: World, typed: str) -> None:
    sign_up(world, "lucia@example.com")
    body = {"email": typed, "password": "balon-naranja-7"}
    assert world.client.post("/api/auth/login", json=body).status_code == 200


@pytest.mark.parametrize("typed", ["luci\u0301a@xn--pearol-xwa.example", "LUCÍA@PEÑAROL.EXAMPLE"])
def test_so_does_one_with_other_letters(world: World, typed: str) -> None:
    sign_up(world, "lucía@peñarol.example")
    body = {"email": typed, "password": "balon-naranja-7"}
    assert world.client.post("/api/auth/login", json=body).status_code == 200


@pytest.mark.parametrize(("one", "other"), [("lucia+1@example.com", "lucia+2@example.com"), ("l.r@x.co", "lr@x.co")])
def test_what_only_some_mail_servers_take_for_one_are_two(world: World, one: str, other: str) -> None:
    assert [sign_up(world, email).status_code for email in (one, other)] == [201, 201]


@pytest.mark.parametrize(
    "typed",
    [
        "ana@example.com, eva@example.com",
        "ana@[127.0.0.1]",
        "ana@localhost",
        "ana example.com",
        "ana@example.com\r\nBcc: eva@example.com",
        '"ana eva"@example.com',
        "",
    ],
)
def test_what_is_not_one_plain_address_is_refused(world: World, typed: str) -> None:
    refused = sign_up(world, typed)
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (400, ["email"])
