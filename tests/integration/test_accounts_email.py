"""Changing one's address: asked for, accepted at the new one, and approved or stopped from the former one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from anb.accounts import changing_email
from anb.accounts.domain import EmailTaken
from anb.accounts.links import LinkInvalid, LinkUsed, Purpose, make
from anb.errors import Refusal
from support.access import confirmed
from support.browser_client import browser_client, form
from support.changing import THERE, accept, ask, change, email_of, pass_days, stop
from support.inbox import inbox, newest
from support.worlds import World

OLD, NEW = "balon-naranja-7", "otra-cosa-9"


def sign_in(world: World, email: str, password: str) -> int:
    return world.client.post("/api/auth/login", json={"email": email, "password": password}).status_code


class TestEmail:
    def test_it_changes_once_both_addresses_agree(self, world: World) -> None:
        player = confirmed(world.player())
        with browser_client(world, player) as browser:
            done = browser.post("/account/email", data={"email": f" {THERE.upper()}"})
            assert (done.status_code, done.headers["location"]) == (303, "/account?done=email")
            assert f"<bdi>{THERE}</bdi>" in browser.get("/account/email").text
        mail, told = newest(world, THERE, "email_change_new"), newest(world, player.email, "email_change_old")
        with browser_client(world) as elsewhere:
            assert 'name="token"' in elsewhere.get(mail.path).text
            done = elsewhere.post("/account/email/confirm", data={"token": mail.token})
            assert "Confirmaste el correo nuevo." in done.text
            assert email_of(world, player) == player.email
            assert THERE in elsewhere.get(told.path).text
            assert email_of(world, player) == player.email
            done = elsewhere.post("/account/email/approve", data={"token": told.token})
        assert (done.status_code, done.headers["location"]) == (303, "/login?done=email")
        assert [sign_in(world, email, OLD) for email in (player.email, THERE)] == [401, 200]

    def test_the_present_address_is_told_and_stops_it(self, world: World) -> None:
        player = world.player()
        ask(world, player)
        mail = newest(world, player.email, "email_change_old")
        assert mail.facts["days"] == 7
        with browser_client(world, player) as browser:
            assert "¿No fuiste tú?" in browser.get(mail.path).text
            assert email_of(world, player) == player.email
            done = browser.post("/account/email/stop", data={"token": mail.token})
            assert done.headers["location"].startswith("/account/reset?token=")
            assert 'name="password1"' in browser.get(done.headers["location"]).text
            assert browser.get("/me").status_code == 303
        with pytest.raises(LinkUsed), world.uow() as uow:
            changing_email.accept(uow, newest(world, THERE, "email_change_new").token)
        assert email_of(world, player) == player.email

    def test_the_former_address_takes_the_account_back(self, world: World) -> None:
        player = confirmed(world.player())
        change(world, player)
        with browser_client(world) as browser:  # the page offers nothing else any more
            assert (
                "/account/email/approve" not in browser.get(newest(world, player.email, "email_change_old").path).text
            )
        stop(world, player.email)
        assert email_of(world, player) == player.email

    def test_a_thief_of_the_password_cannot_end_the_first_address_s_link(self, world: World) -> None:
        player = confirmed(world.player())
        ask(world, player, "thief1@example.com")
        accept(world, "thief1@example.com")
        assert pass_days(world, 7) == 1
        change(world, player, "thief2@example.com")
        stop(world, "thief1@example.com")
        stop(world, player.email)
        assert email_of(world, player) == player.email
        with pytest.raises(LinkUsed):
            stop(world, "thief1@example.com")

    def test_meanwhile_no_one_else_signs_up_with_it_and_its_owner_returns_to_it(self, world: World) -> None:
        player = confirmed(world.player())
        change(world, player)
        assert world.client.post("/api/auth/signup", json=form(email=player.email)).json()["code"] == "email-taken"
        change(world, player, player.email)
        assert email_of(world, player) == player.email

    def test_an_address_of_another_account_is_not_told_apart(self, world: World) -> None:
        player, other = world.player(), world.player("Otra Persona")
        with browser_client(world, player) as browser:
            pages = [browser.post("/account/email", data={"email": email}) for email in (other.email, THERE)]
        assert len({(page.status_code, page.headers["location"]) for page in pages}) == 1
        assert inbox(world, other.email)[-1].kind == "account_exists"

    @pytest.mark.parametrize(
        ("email", "text"),
        [("no-es-correo", "El valor no es válido."), ("", "Escríbelo"), (None, "Ese ya es tu correo.")],
    )
    def test_mistakes_are_told_beside_the_field(self, world: World, email: str | None, text: str) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            page = browser.post("/account/email", data={"email": player.email if email is None else email})
        assert page.status_code == 400
        assert f'id="error-email">{text}' in page.text

    def test_only_the_newest_wish_is_accepted(self, world: World) -> None:
        player = world.player()
        ask(world, player, "one@example.com")
        ask(world, player, "two@example.com")
        with pytest.raises(LinkUsed), world.uow() as uow:
            changing_email.accept(uow, newest(world, "one@example.com", "email_change_new").token)

    def test_a_wish_of_before_another_change_is_not_valid(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            facts = {"email": THERE, "before": "former@example.com"}
            token = make(uow, Purpose.EMAIL_NEW, player.id, facts, 60)
        with pytest.raises(LinkInvalid), world.uow() as uow:
            changing_email.accept(uow, token)

    @pytest.mark.parametrize("purpose", [Purpose.EMAIL_NEW, Purpose.EMAIL_OLD])
    def test_a_link_of_no_account_is_not_valid(self, world: World, purpose: Purpose) -> None:
        act = {Purpose.EMAIL_NEW: changing_email.accept, Purpose.EMAIL_OLD: changing_email.stop}[purpose]
        with world.uow() as uow:
            token = make(uow, purpose, None, {"email": THERE, "before": "x@example.com"}, 60)
        with pytest.raises(LinkInvalid), world.uow() as uow:
            act(uow, token)

    def test_an_address_that_was_taken_meanwhile_leaves_the_link_unused(self, world: World) -> None:
        player = world.player()
        ask(world, player)
        assert world.client.post("/api/auth/signup", json=form(email=THERE)).status_code == 201
        token = newest(world, THERE, "email_change_new").token
        for _ in range(2):
            with pytest.raises(EmailTaken), world.uow() as uow:
                changing_email.accept(uow, token)
        assert email_of(world, player) == player.email

    def test_two_accounts_that_accept_one_address_at_once_get_it_once(self, world: World) -> None:
        players = [world.player("Ana Uno"), world.player("Eva Dos")]
        tokens = []
        for player in players:
            ask(world, player)
            tokens.append(newest(world, THERE, "email_change_new").token)
        together = Barrier(2)

        def act(token: str) -> type[Refusal] | None:
            try:
                with world.uow() as uow:
                    changing_email.open_acceptance(uow, token)
                    together.wait(10)
                    changing_email.accept(uow, token)
            except Refusal as refusal:
                return type(refusal)
            return None

        with ThreadPoolExecutor(2) as both:
            assert set(both.map(act, tokens)) == {None, EmailTaken}
        assert sorted(email_of(world, player) == THERE for player in players) == [False, True]
