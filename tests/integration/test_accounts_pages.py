"""The account's page and the pages of links: what they show, to whom, and what opening them changes."""

import pytest

from anb.accounts import invitations, recovery
from anb.accounts import service as accounts
from anb.accounts.domain import EmailTaken, Role
from anb.accounts.links import LinkInvalid
from anb.accounts.schemas import SignUp
from support.browser_client import browser_client, form
from support.inbox import inbox, newest
from support.worlds import OPERATOR, Player, World

LINKED = ("/account/confirm", "/account/reset", "/account/email/confirm", "/account/email/stop", "/account/invitation")
MAIL = {"smtp_url": "smtp+plain://127.0.0.1:1"}


def is_confirmed(world: World, player: Player) -> bool:
    with world.database.reading() as uow:
        return accounts.who(uow, player.id).is_confirmed


class TestHub:
    def test_it_says_who_i_am_and_leads_to_each_part(self, world: World) -> None:
        player = world.player("Lucía Ríos", "Cali")
        with browser_client(world, player) as browser:
            page = browser.get("/account").text
        for text in ("Lucía Ríos", "lucia.rios", player.email, "Sin confirmar", "Cali", "jugador y votante"):
            assert text in page
        assert 'href="/account/password"' in page
        assert 'href="/account/email"' in page
        assert 'action="/logout"' in page

    def test_who_is_not_signed_in_is_asked_to(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.get("/account").headers["location"] == "/login?next=%2Faccount"
            assert 'href="/account"' not in visitor.get("/").text

    def test_it_is_in_the_menu_of_who_is_signed_in(self, world: World) -> None:
        with browser_client(world, world.player()) as browser:
            assert 'href="/account"' in browser.get("/").text

    @pytest.mark.parametrize("path", ["/account", "/me"])
    def test_who_is_unconfirmed_is_reminded_while_mail_can_be_sent(self, world: World, path: str) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            assert "/account/confirmation" not in browser.get(path).text
            world.change(**MAIL)
            assert 'action="/account/confirmation"' in browser.get(path).text
            done = browser.post("/account/confirmation")
            assert "te enviamos otro enlace" in browser.get(done.headers["location"]).text
            browser.post("/account/confirm", data={"token": newest(world, player.email, "confirm_email").token})
            assert "/account/confirmation" not in browser.get(path).text

    def test_a_word_in_its_address_that_we_did_not_write_says_nothing(self, world: World) -> None:
        with browser_client(world, world.player()) as browser:
            assert 'role="status"' not in browser.get("/account?done=<b>").text


class TestLinks:
    def test_opening_one_does_not_confirm_and_the_button_does(self, world: World) -> None:
        player = world.player()
        mail = newest(world, player.email, "confirm_email")
        with browser_client(world) as elsewhere:
            for _ in range(2):
                page = elsewhere.get(mail.path)
                assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
            assert not is_confirmed(world, player)
            done = elsewhere.post("/account/confirm", data={"token": mail.token})
            assert done.headers["location"] == "/login?done=confirmed"
            assert "Tu correo quedó confirmado." in elsewhere.get(done.headers["location"]).text
        assert is_confirmed(world, player)

    def test_in_the_browser_of_its_owner_it_leads_to_the_account(self, world: World) -> None:
        player = world.player()
        with browser_client(world, player) as browser:
            token = newest(world, player.email, "confirm_email").token
            assert browser.post("/account/confirm", data={"token": token}).headers["location"] == "/account"
            again = browser.get(f"/account/confirm?token={token}")
        assert (again.status_code, "Este enlace ya se usó" in again.text) == (410, True)

    def test_in_a_browser_of_another_person_it_confirms_the_one_it_was_sent_to(self, world: World) -> None:
        sent_to, other = world.player(), world.player("Ana Otra")
        with browser_client(world, other) as browser:
            token = newest(world, sent_to.email, "confirm_email").token
            assert browser.post("/account/confirm", data={"token": token}).headers["location"] == "/account"
            assert "Ana Otra" in browser.get("/account").text
        assert (is_confirmed(world, sent_to), is_confirmed(world, other)) == (True, False)

    @pytest.mark.parametrize("path", LINKED)
    @pytest.mark.parametrize("token", ["", "x" * 43])
    def test_an_invented_one_says_so(self, world: World, path: str, token: str) -> None:
        words = {"password1": "otra-cosa-9", "password2": "otra-cosa-9"}
        with browser_client(world) as visitor:
            pages = [visitor.get(f"{path}?token={token}"), visitor.post(path, data={"token": token} | words)]
        for page in pages:
            assert (page.status_code, "Este enlace no es válido." in page.text) == (404, True)
            assert page.headers["cache-control"] == "private, no-store"

    @pytest.mark.parametrize("path", LINKED)
    def test_another_site_cannot_press_the_button(self, world: World, path: str) -> None:
        with browser_client(world) as visitor:
            refused = visitor.post(path, data={"token": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403


class TestForgot:
    def test_the_pages_lead_to_another_password(self, world: World) -> None:
        player = world.player()
        world.change(**MAIL)
        with browser_client(world) as visitor:
            assert 'href="/forgot"' in visitor.get("/login").text
            assert "Recupera tu cuenta" in visitor.get("/forgot").text
            assert "Te enviamos un enlace" in visitor.post("/forgot", data={"email": player.email}).text
            mail = newest(world, player.email, "reset_password")
            assert 'autocomplete="new-password"' in visitor.get(mail.path).text
            words = {"token": mail.token, "password1": "otra-cosa-9", "password2": "otra-cosa-9"}
            wrong = visitor.post("/account/reset", data=words | {"password2": "x"})
            assert (wrong.status_code, f'value="{mail.token}"' in wrong.text) == (400, True)
            done = visitor.post("/account/reset", data=words)
            assert done.headers["location"] == "/login?done=reset"
            assert "Guardamos tu contraseña nueva." in visitor.get(done.headers["location"]).text
            entered = visitor.post("/login", data={"email": player.email, "password": "otra-cosa-9"})
        assert entered.status_code == 303

    def test_without_a_mail_server_it_says_whom_to_ask(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert "pide el enlace a la organización" in visitor.post("/forgot", data={"email": "a@example.com"}).text

    def test_what_was_typed_stays(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.post("/forgot", data={"email": "no-es-correo"})
        assert (page.status_code, 'value="no-es-correo"' in page.text) == (400, True)


class TestInvitation:
    def invite(self, world: World, email: str = "jurado@example.com", role: Role = Role.JUROR) -> str:
        with world.uow() as uow:
            return invitations.invite(uow, email, role, OPERATOR)

    def test_it_makes_a_confirmed_account_with_its_role(self, world: World) -> None:
        path = self.invite(world)
        mail = inbox(world, "jurado@example.com")[0]
        assert (mail.kind, mail.path) == ("invitation", path)
        with browser_client(world) as visitor:
            assert "Crea tu cuenta para entrar como jurado." in visitor.get(path).text
            person = form(email="another@example.com") | {"token": mail.token}
            wrong = visitor.post("/account/invitation", data=person | {"city": ""})
            assert (wrong.status_code, 'id="error-city"' in wrong.text, 'value="Lucía"' in wrong.text) == (
                400,
                True,
                True,
            )
            done = visitor.post("/account/invitation", data=person)
            assert done.headers["location"] == "/login?done=invited"
            assert visitor.post("/account/invitation", data=person).status_code == 410
        with world.database.reading() as uow:
            account = recovery.find(uow, "jurado@example.com")
        assert (account.role, account.is_confirmed) == (Role.JUROR, True)

    def test_an_account_that_exists_is_not_invited(self, world: World) -> None:
        player = world.player()
        with pytest.raises(EmailTaken):
            self.invite(world, player.email)

    def test_it_is_of_its_address_alone(self, world: World) -> None:
        path = self.invite(world, role=Role.PLAYER)
        new = SignUp.model_validate(form(email="x@example.com")).account()
        with pytest.raises(LinkInvalid), world.uow() as uow:
            invitations.accept(uow, path.partition("=")[2], new, "hash")
        mine = SignUp.model_validate(form(email="jurado@example.com")).account()
        with world.uow() as uow:
            made = invitations.accept(uow, path.partition("=")[2], mine, "hash")
        assert made.role is Role.PLAYER
