"""The pages that links in mails lead to: each fits a phone, axe-core finds nothing, in Spanish and in English."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from anb.accounts import changing_email, invitations
from anb.accounts.domain import Role
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.sentences import Sentence
from support.browser import LAPTOP, PHONE, Visitor, visiting
from support.consenting import MARTA, answer, ask_marta
from support.inbox import newest
from support.served import served
from support.site import Site
from support.worlds import OPERATOR, Player, World

pytestmark = pytest.mark.browser

LONG = "nina-de-la-seleccion-departamental-del-valle-del-cauca@baloncesto.example"
STALE = "/account/invitation", "/mail/stop", "/guardian/end", "/account/email/confirm", "/account/email/stop"


@pytest.fixture
def minor(world: World) -> Player:
    """A player in a season that asks for consent, whose guardian has given it."""
    world.season(asks_consent=True)
    player = world.player("Nina Menor")
    assert answer(world, ask_marta(player)) == 200
    return player


@pytest.fixture
def asking(minor: Player) -> Iterator[Site]:
    """The site."""
    with served(minor.world) as site:
        yield site


def invited(player: Player) -> str:
    with player.world.uow() as uow:
        return invitations.invite(uow, "invitada@example.com", Role.JUROR, OPERATOR)


def unwanted(player: Player) -> str:
    """Return the page that switches a kind of mail off."""
    to = Recipient(player.id, player.email, "Nina", "es")
    with player.world.uow() as uow:
        mail.post(uow, NewMail(MailKind.VIDEO_READY, to, {"title": "Mi triple", "link": "/videos/1"}))
    return f"/mail/stop?token={newest(player.world, player.email, 'video_ready').facts['stop']}"


def taken_back(player: Player) -> str:
    return newest(player.world, MARTA, "guardian_thanked").path


def moving(player: Player) -> tuple[str, str]:
    """Ask for another address; return the pages of the new one and of the former one."""
    with player.world.uow() as uow:
        changing_email.ask(uow, player.id, LONG, 7)
    new, former = newest(player.world, LONG, "email_change_new"), newest(player.world, player.email, "email_change_old")
    return new.path, former.path


def look_at(visitor: Visitor, title: str = "") -> None:
    """Check the open page: it is the one that is meant, it fits, and axe-core finds nothing."""
    if title:
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    assert visitor.overflow() <= 0, visitor.page.url
    assert visitor.barriers() == [], visitor.page.url


LOOKS: dict[str, dict[str, Any]] = {
    "es": {"locale": "es-CO", "size": PHONE},
    "en": {"locale": "en-GB", "size": PHONE},
    "es, on a laptop in the dark": {"locale": "es-CO", "size": LAPTOP, "scheme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_the_page_of_each_link_and_what_it_answers_is_for_everybody(
    browser: Browser, asking: Site, minor: Player, look: dict[str, Any]
) -> None:
    def say(key: str) -> str:
        return Sentence(key).text(look["locale"][:2])

    new, former = moving(minor)
    with visiting(browser, asking, reduced_motion="reduce", **look) as visitor:
        page = visitor.page
        visitor.go(invited(minor))
        look_at(visitor, say("invitation.title"))
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main form .button").click()
        expect(page.locator("#error-agree")).to_be_visible()
        look_at(visitor, say("invitation.title"))

        acts = [(unwanted(minor), "account_mail.stop_title", "account_mail.stopped")]
        acts += [(former, "link.old_title", "told.email_approved"), (new, "link.email_title", "told.email")]
        acts += [(taken_back(minor), "guardian.end_title", "guardian.ended")]
        for path, title, told in acts:
            visitor.go(path)
            look_at(visitor, say(title))
            page.locator("main form .button").first.click()
            expect(page.locator("main")).to_contain_text(say(told))
            look_at(visitor)
        visitor.go(former)
        look_at(visitor, say("link.stop_title"))
        assert [one for one in visitor.complaints if "400 (Bad Request)" not in one] == []


@pytest.mark.parametrize("locale", ["es-CO", "en-GB"], ids=["es", "en"])
def test_a_link_that_is_none_is_still_a_page(browser: Browser, asking: Site, locale: str) -> None:
    with visiting(browser, asking, locale=locale) as visitor:
        for path in STALE:
            visitor.go(f"{path}?token=none")
            expect(visitor.page.locator("html")).to_have_attribute("lang", locale[:2])
            look_at(visitor)
        assert [one for one in visitor.complaints if "404 (Not Found)" not in one] == []
