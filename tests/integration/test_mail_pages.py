"""What a person can switch off: with a switch, and with one click in a mail, without signing in."""

import pytest
from sqlalchemy import select

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.db.tables_mail import mails
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient
from support.browser_client import browser_client
from support.inbox import inbox
from support.worlds import Player, World

READY = {"title": "Mi triple", "link": "/videos/1"}


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def token(world: World, player: Player) -> str:
    to = Recipient(player.id, player.email, "Lucía", "es")
    with world.uow() as uow:
        mail_id = mail.post(uow, NewMail(MailKind.VIDEO_READY, to, READY))
        facts = uow.execute(select(mails.c.facts).where(mails.c.id == mail_id)).scalar_one()
    return str(facts["stop"])


def off(world: World, player: Player) -> set[MailKind]:
    with world.database.reading() as uow:
        return mail.switched_off(uow, player.id)


class TestOneClick:
    def test_a_mail_service_switches_it_off_without_a_cookie_or_an_origin(self, world: World, player: Player) -> None:
        address = f"/mail/stop?token={token(world, player)}"
        one_click = {"List-Unsubscribe": "One-Click"}
        assert world.client.post(address, data=one_click).status_code == 200
        assert off(world, player) == {MailKind.VIDEO_READY}
        assert world.client.post(address, data=one_click).status_code == 200

    def test_opening_the_link_changes_nothing(self, world: World, player: Player) -> None:
        with browser_client(world) as visitor:
            page = visitor.get(f"/mail/stop?token={token(world, player)}")
        assert page.status_code == 200
        assert "Tu clip está listo." in page.text
        assert page.headers["cache-control"] == "private, no-store"
        assert off(world, player) == set()

    def test_another_persons_sign_in_does_not_matter(self, world: World, player: Player) -> None:
        other = world.player("Ana Gómez")
        with browser_client(world, other) as browser:
            page = browser.post(f"/mail/stop?token={token(world, player)}")
        assert "ya no te enviaremos" in page.text
        assert (off(world, player), off(world, other)) == ({MailKind.VIDEO_READY}, set())

    @pytest.mark.parametrize("address", ["/mail/stop?token=none", "/mail/stop"])
    def test_an_unknown_token_is_not_found(self, world: World, address: str) -> None:
        assert world.client.get(address).status_code == 404
        assert world.client.post(address).status_code == 404


class TestChoices:
    def test_what_is_not_checked_is_switched_off(self, world: World, player: Player) -> None:
        with browser_client(world, player) as browser:
            assert browser.get("/account/mail").text.count(" checked") == 4
            done = browser.post("/account/mail", data={"results": "on", "reset_password": "on", "other": "on"})
            page = browser.get(done.headers["location"]).text
        assert page.count(" checked") == 1
        assert "Guardado." in page
        assert off(world, player) == {MailKind.VIDEO_READY, MailKind.VIDEO_REFUSED, MailKind.SEASON_CLOSES}

    def test_later_mails_are_in_the_language_that_was_chosen(self, world: World, player: Player) -> None:
        with browser_client(world, player) as browser:
            assert '<option value="es" lang="es" selected>español</option>' in browser.get("/account/mail").text
            browser.post("/account/mail", data={"language": "en"})
            assert '<option value="en" lang="en" selected>English</option>' in browser.get("/account/mail").text
            browser.post("/account/mail", data={"language": "xx"})  # no catalogue has this name
            browser.post("/account/confirmation")
        assert [each.language for each in inbox(world, player.email)] == ["es", "en"]

    def test_it_is_of_ones_account(self, world: World, player: Player) -> None:
        with browser_client(world) as visitor:
            assert visitor.get("/account/mail").headers["location"] == "/login?next=%2Faccount%2Fmail"
        with browser_client(world, player) as browser:
            assert 'href="/account/mail"' in browser.get("/account").text
            assert browser.post("/account/mail", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


class TestNewDevice:
    def sign_in(self, world: World, player: Player) -> None:
        with browser_client(world) as browser:
            for _ in range(2):  # the second time the browser is known
                browser.post("/login", data={"email": player.email, "password": "balon-naranja-7"})

    @pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMINISTRATOR])
    def test_an_organizer_is_told_of_a_browser_that_was_not_known_once_a_day(self, world: World, role: Role) -> None:
        organizer = world.promoted(world.player("Olga Organiza"), role)
        for _ in range(2):
            self.sign_in(world, organizer)
        kinds = [each.kind for each in inbox(world, organizer.email)]
        assert kinds.count("new_device") == 1

    def test_so_is_one_whose_password_a_program_uses(self, world: World) -> None:
        organizer = world.organizer()
        body = {"email": organizer.email, "password": "balon-naranja-7"}
        assert world.client.post("/api/auth/login", json=body).status_code == 200
        assert "new_device" in [each.kind for each in inbox(world, organizer.email)]

    def test_a_player_is_not(self, world: World, player: Player) -> None:
        self.sign_in(world, player)
        with world.uow() as uow:
            assert accounts.who(uow, player.id).role is Role.PLAYER
        assert "new_device" not in [each.kind for each in inbox(world, player.email)]
