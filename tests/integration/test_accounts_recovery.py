"""Confirming an address and choosing another password by links in mails, with the API."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from anb.accounts import recovery
from anb.accounts import service as accounts
from anb.accounts.domain import Account
from anb.accounts.links import Purpose, make
from anb.db.tables_accounts import links as rows
from support.browser_client import browser_client, form
from support.inbox import inbox, newest
from support.worlds import Player, World

NEW = "otra-cosa-9"
NEW_TWICE = {"password1": NEW, "password2": NEW}


def account(world: World, player: Player) -> Account:
    with world.database.reading() as uow:
        return accounts.who(uow, player.id)


def confirm(world: World, token: str) -> int:
    return world.client.post("/api/auth/confirm", json={"token": token}).status_code


def forgot(world: World, email: str) -> int:
    return world.client.post("/api/auth/forgot", json={"email": email}).status_code


def reset(world: World, token: str, **words: str) -> tuple[int, str]:
    done = world.client.post("/api/auth/reset", json={"token": token} | NEW_TWICE | words)
    return done.status_code, done.json()["code"] if done.content else ""


def sign_in(world: World, email: str, password: str) -> int:
    return world.client.post("/api/auth/login", json={"email": email, "password": password}).status_code


class TestConfirmation:
    def test_a_sign_up_sends_a_link_that_confirms_the_address(self, world: World) -> None:
        player = world.player()
        assert not account(world, player).is_confirmed
        mail = newest(world, player.email, "confirm_email")
        assert mail.facts == {"link": f"/account/confirm?token={mail.token}", "hours": 72}
        assert confirm(world, mail.token) == 204  # without a session, as on another device
        assert account(world, player).is_confirmed

    def test_it_works_once(self, world: World) -> None:
        token = newest(world, world.player().email, "confirm_email").token
        assert [confirm(world, token) for _ in range(2)] == [204, 410]

    def test_a_refused_sign_up_sends_none(self, world: World) -> None:
        player = world.player()
        world.client.post("/api/auth/signup", json=form(email=player.email))
        assert [mail.kind for mail in inbox(world, player.email)] == ["confirm_email"]

    def test_mail_is_in_the_language_of_the_sign_up(self, world: World) -> None:
        person = form()
        made = world.client.post("/api/auth/signup", json=person, headers={"accept-language": "en"})
        assert newest(world, person["email"], "confirm_email").language == "en"
        with world.database.reading() as uow:
            assert accounts.who(uow, made.json()["user_id"]).language == "en"

    def test_another_link_ends_with_the_first_that_is_used(self, world: World) -> None:
        player = world.player()
        assert world.client.post("/api/me/confirmation", headers=player.headers).status_code == 204
        first, second = (mail.token for mail in inbox(world, player.email))
        assert [confirm(world, second), confirm(world, first)] == [204, 410]

    def test_a_confirmed_address_gets_no_other_link_and_the_same_answer(self, world: World) -> None:
        player = world.player()
        assert confirm(world, newest(world, player.email, "confirm_email").token) == 204
        assert world.client.post("/api/me/confirmation", headers=player.headers).status_code == 204
        assert len(inbox(world, player.email)) == 1

    def test_only_who_is_signed_in_asks_for_another(self, world: World) -> None:
        assert world.client.post("/api/me/confirmation").status_code == 401

    def test_a_link_to_a_former_address_is_not_valid(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            token = make(uow, Purpose.CONFIRM, player.id, {"email": "former@example.com"}, 60)
        assert confirm(world, token) == 404
        assert not account(world, player).is_confirmed

    def test_an_account_that_is_gone_needs_no_link(self, world: World) -> None:
        with world.uow() as uow:
            recovery.resend_confirmation(uow, uuid4())


class TestReset:
    def test_a_link_sets_another_password_and_confirms_the_address(self, world: World) -> None:
        player = world.player()
        assert forgot(world, player.email.upper()) == 204
        mail = newest(world, player.email, "reset_password")
        assert mail.facts == {"link": f"/account/reset?token={mail.token}", "hours": 1}
        assert reset(world, mail.token) == (204, "")
        assert [sign_in(world, player.email, word) for word in ("balon-naranja-7", NEW)] == [401, 200]
        assert account(world, player).is_confirmed

    def test_it_ends_every_session_and_is_told_by_mail(self, world: World) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            assert browser.get("/me").status_code == 200
            forgot(world, player.email)
            reset(world, newest(world, player.email, "reset_password").token)
            assert browser.get("/me").status_code == 303
        assert world.client.get("/api/videos", headers=player.headers).status_code == 401
        assert inbox(world, player.email)[-1].kind == "password_changed"

    def test_it_works_once_and_ends_the_other_links(self, world: World) -> None:
        player = world.player()
        forgot(world, player.email)
        forgot(world, player.email)
        first, second = (mail.token for mail in inbox(world, player.email) if mail.kind == "reset_password")
        assert [reset(world, second), reset(world, second), reset(world, first)] == [
            (204, ""), (410, "link-used"), (410, "link-used")]  # fmt: skip

    def test_a_refused_password_leaves_the_link_usable(self, world: World) -> None:
        player = world.player("Lucía Ríos")
        forgot(world, player.email)
        token = newest(world, player.email, "reset_password").token
        assert reset(world, token, password2="otra") == (400, "passwords-differ")
        assert reset(world, token, password1="corta") == (400, "invalid-field")
        named = {"password1": "lucía ríos", "password2": "lucía ríos"}
        refused = world.client.post("/api/auth/reset", json={"token": token} | named)
        assert refused.json()["errors"] == [{"field": "password1", "message": "No puede ser tu nombre ni tu correo."}]
        assert reset(world, token) == (204, "")

    def test_a_link_that_confirms_sets_no_password(self, world: World) -> None:
        player = world.player()
        assert reset(world, newest(world, player.email, "confirm_email").token) == (404, "link-invalid")

    def test_an_address_without_an_account_gets_a_mail_that_says_so(self, world: World) -> None:
        assert forgot(world, "nadie@example.com") == 204
        assert [(mail.kind, mail.path) for mail in inbox(world, "nadie@example.com")] == [("no_account", "/signup")]

    def test_the_link_that_is_made_for_it_all_the_same_names_no_address(self, world: World) -> None:
        world.player()
        forgot(world, "nadie@example.com")
        with world.database.reading() as uow:
            facts = uow.execute(select(rows.c.facts).where(rows.c.purpose == "reset")).scalars().all()
        assert facts == [{"email": ""}]


class TestLimits:
    @pytest.fixture(autouse=True)
    def _strangers_are_counted(self, world: World) -> None:
        world.change(rate_exempt_networks="", rate_mail="2/hour")

    @pytest.mark.parametrize("known", [True, False])
    def test_beyond_the_limit_the_answer_is_the_same_and_no_mail_is_sent(self, world: World, known: bool) -> None:
        email = world.player().email if known else "nadie@example.com"
        kind = "reset_password" if known else "no_account"
        assert [forgot(world, email) for _ in range(4)] == [204] * 4
        assert [mail.kind for mail in inbox(world, email)].count(kind) == 2
        assert forgot(world, "otra@example.com") == 204
        assert len(inbox(world, "otra@example.com")) == 1

    def test_neither_does_one_s_own_address_get_more(self, world: World) -> None:
        player = world.player()
        answers = [world.client.post("/api/me/confirmation", headers=player.headers).status_code for _ in range(4)]
        assert answers == [204] * 4
        assert len(inbox(world, player.email)) == 1 + 2

    def test_an_address_block_is_told_to_wait(self, world: World) -> None:
        world.change(rate_mail_block="1/hour")
        assert [forgot(world, f"{n}@example.com") for n in range(2)] == [204, 429]
