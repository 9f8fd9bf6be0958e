"""Accepting an invitation with a program: the account, its role, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text

from anb.accounts import invitations, recovery
from anb.accounts.domain import Role
from anb.consents.domain import ConsentStanding
from anb.db.tables_audit import audit_entries
from support.browser_client import form
from support.joining import known_of, rows
from support.worlds import OPERATOR, World

EMAIL = "jurado@example.com"
PATH = "/api/auth/invitation"


@pytest.fixture
def token(world: World) -> str:
    """The token of an invitation to the jury."""
    with world.uow() as uow:
        return invitations.invite(uow, EMAIL, Role.JUROR, OPERATOR).partition("token=")[2]


def accept(world: World, token: str, **person: str) -> tuple[int, dict[str, Any]]:
    """Accept an invitation; return the status and the answer."""
    answered = world.client.post(PATH, json=form(**{"email": EMAIL} | person) | {"token": token})
    return answered.status_code, answered.json()


def kept(world: World) -> list[int]:
    with world.uow() as uow:
        return rows(uow)


def test_it_makes_a_confirmed_account_with_its_role_once(world: World, token: str) -> None:
    status, made = accept(world, token, email=EMAIL.upper())
    assert (status, made["email"], made["username"]) == (201, EMAIL, "lucia.rios")
    with world.uow() as uow:
        account = recovery.find(uow, EMAIL)
        acts = uow.execute(select(audit_entries.c.act).order_by(audit_entries.c.number)).scalars().all()
    assert (str(account.id), account.role, account.is_confirmed) == (made["id"], Role.JUROR, True)
    assert acts[-2:] == ["person_invited", "invitation_accepted"]
    word = {"email": EMAIL, "password": "balon-naranja-7"}
    assert world.client.post("/api/auth/login", json=word).status_code == 200
    assert (accept(world, token)[0], accept(world, token)[1]["code"]) == (410, "link-used")


def test_what_a_season_asks_is_answered_by_its_own_endpoint(world: World, token: str) -> None:
    world.season(asks_consent=True)
    assert accept(world, token)[0] == 201
    assert known_of(world, EMAIL)[0] is ConsentStanding.PLAYER


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [
        ({"email": "another@example.com"}, 404, "link-invalid"),
        ({"password2": "otra-cosa-99"}, 400, "passwords-differ"),
        ({"password1": EMAIL, "password2": EMAIL}, 400, "invalid-field"),
        ({"city": " "}, 400, "invalid-field"),
    ],
    ids=["another address", "two passwords", "the address as password", "no city"],
)
def test_a_refused_form_leaves_the_invitation_as_it_was(
    world: World, token: str, person: dict[str, str], status: int, code: str
) -> None:
    before = kept(world)
    found, told = accept(world, token, **person)
    assert (found, told["code"]) == (status, code)
    assert kept(world) == before
    assert accept(world, token)[0] == 201


def test_no_other_link_and_no_old_one_is_taken(world: World, token: str) -> None:
    assert accept(world, "x")[1]["code"] == "link-invalid"
    with world.uow() as uow:
        uow.execute(text("update links set expires_at = now()"))
    assert (accept(world, token)[0], accept(world, token)[1]["code"]) == (410, "link-expired")


def test_whose_address_got_an_account_meanwhile_is_told(world: World, token: str) -> None:
    assert world.client.post("/api/auth/signup", json=form(email=EMAIL)).status_code == 201
    assert accept(world, token)[1]["code"] == "email-taken"
    with world.uow() as uow:
        assert recovery.find(uow, EMAIL).role is Role.PLAYER


def test_of_two_at_once_one_makes_the_account(world: World, token: str) -> None:
    with ThreadPoolExecutor(2) as senders:
        answers = list(senders.map(lambda _: accept(world, token), range(2)))
    assert sorted(status for status, _ in answers) == [201, 410]
    assert kept(world)[0] == 1


def test_strangers_may_try_as_often_as_they_may_sign_up(world: World, token: str) -> None:
    world.change(rate_exempt_networks="", rate_sign_up="2/hour")
    assert [accept(world, "x")[0] for _ in range(3)] == [404, 404, 429]
    assert accept(world, token)[0] == 429
