"""An account in a browser: sign up, confirm, forget the password, choose mails, change password and address."""

import re
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from anb.sentences import Sentence, catalogues
from support.browser import Visitor, visiting
from support.mailbox import link_to
from support.site import Site

pytestmark = pytest.mark.browser

WORDS = ("balon-naranja-7", "cesta-de-tres-9", "pase-sin-mirar-5")


def fill(page: Page, **fields: str) -> None:
    """Type into fields by their names, and send the form with the keyboard."""
    for name, text in fields.items():
        page.locator(f"[name={name}]").fill(text)
    page.keyboard.press("Enter")


def sign_up(visitor: Visitor, email: str) -> None:
    visitor.go("/signup")
    names = {"first_name": "Lucía", "last_name": "Ríos", "city": "Cali"}
    fill(visitor.page, **names, email=email, password1=WORDS[0], password2=WORDS[0])
    expect(visitor.page).to_have_url(re.compile("/upload$"))


def unexpected(*visitors: Visitor) -> list[str]:
    """Return what browsers complained about, except forms that were refused."""
    return [said for visitor in visitors for said in visitor.complaints if "400 (Bad Request)" not in said]


def look_at(visitor: Visitor, *, scripts: bool) -> None:
    """Check the open page: it fits, and axe-core finds nothing."""
    assert visitor.overflow() <= 0, visitor.page.url
    if scripts:
        assert visitor.barriers() == [], visitor.page.url


def press(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Press a link or a button with the keyboard. That Tab reaches it is tested in test_pages_keyboard.py."""
    page.get_by_role(role, name=name, exact=True).first.press("Enter")


def told(visitor: Visitor, text: str) -> None:
    expect(visitor.page.get_by_role("status")).to_contain_text(text)


@dataclass
class Journey:
    """A person with two devices, in a language, with scripts or without; all by keyboard."""

    here: Visitor
    elsewhere: Visitor
    language: str
    scripts: bool
    email: str = field(default_factory=lambda: f"{uuid4().hex}@example.com")

    def say(self, key: str) -> str:
        return Sentence(key).text(self.language)

    def look(self, *visitors: Visitor) -> None:
        for visitor in visitors or (self.here,):
            look_at(visitor, scripts=self.scripts)

    def confirm(self) -> None:
        """Confirm the address on the other device."""
        page, elsewhere = self.here.page, self.elsewhere
        press(page, "link", self.say("site.account"))
        expect(page.get_by_text(self.say("account.unconfirmed"))).to_be_visible()
        self.look()
        press(page, "button", self.say("account.confirm_again"))
        told(self.here, self.say("told.sent"))
        elsewhere.go(link_to(self.here.site, self.email, "/account/confirm"))
        self.look(elsewhere)
        press(elsewhere.page, "button", self.say("link.confirm_send"))
        told(elsewhere, self.say("told.confirmed"))
        self.look(elsewhere)
        page.reload()
        expect(page.get_by_text(self.say("account.confirmed"), exact=True)).to_be_visible()
        press(page, "button", self.say("site.logout"))

    def recover(self) -> None:
        """Sign in after a forgotten password."""
        page = self.here.page
        press(page, "link", self.say("site.login"))
        press(page, "link", self.say("login.forgot"))
        self.look()
        fill(page, email=self.email)
        expect(page.get_by_role("heading", level=1)).to_have_text(self.say("told.mail_title"))
        self.look()
        self.here.go(link_to(self.here.site, self.email, "/account/reset"))
        fill(page, password1=WORDS[1], password2="otra")
        expect(page.locator("#error-password2")).to_have_text(self.say("refusal.passwords-differ"))
        self.look()
        fill(page, password1=WORDS[1], password2=WORDS[1])
        told(self.here, self.say("told.reset"))
        fill(page, email=self.email, password=WORDS[1])
        expect(page.get_by_role("link", name=self.say("site.account"), exact=True)).to_be_visible()

    def change(self, other: str) -> None:
        """Change the password and the address, each from the account's page; then take the address back."""
        page, elsewhere = self.here.page, self.elsewhere
        self.here.go("/account")
        press(page, "link", self.say("account.entry_password"))
        self.look()
        fill(page, password=WORDS[1], password1=WORDS[2], password2=WORDS[2])
        told(self.here, self.say("told.password"))
        press(page, "link", self.say("account.entry_email"))
        self.look()
        fill(page, email=other)
        told(self.here, self.say("told.email_asked"))
        elsewhere.go(link_to(self.here.site, other, "/account/email/confirm"))
        self.look(elsewhere)
        press(elsewhere.page, "button", self.say("link.email_send"))
        waits = catalogues()[self.language].sentence("told.email_waits").partition(".")[0]
        expect(elsewhere.page.locator("main")).to_contain_text(waits)
        former = link_to(self.here.site, self.email, "/account/email/stop")
        elsewhere.go(former)
        self.look(elsewhere)
        press(elsewhere.page, "button", self.say("link.old_send"))
        told(elsewhere, self.say("told.email"))
        self.here.go("/account")
        expect(page.get_by_text(other)).to_be_visible()
        elsewhere.go(former)
        self.look(elsewhere)
        press(elsewhere.page, "button", self.say("link.stop_send"))
        expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text(self.say("reset.title"))
        self.here.go("/account")
        expect(page).to_have_url(re.compile("/login"))

    def stop_mails(self) -> None:
        """Choose which mails to get."""
        page = self.here.page
        self.here.go("/account")
        press(page, "link", self.say("account.entry_mail"))
        self.look()
        page.locator("input[type=checkbox]").first.press("Space")
        press(page, "button", self.say("account_mail.save"))
        told(self.here, self.say("account_mail.saved"))
        self.look()


@pytest.mark.parametrize(
    ("locale", "scripts"),
    [("es-CO", True), ("es-CO", False), ("en-GB", True), pytest.param("en-GB", False, marks=pytest.mark.slow)],
    ids=["Spanish", "Spanish, without scripts", "English", "English, without scripts"],
)
def test_an_account_from_its_sign_up_to_another_address(
    browser: Browser, site: Site, locale: str, scripts: bool
) -> None:
    with (
        visiting(browser, site, locale=locale, java_script_enabled=scripts) as here,
        visiting(browser, site, locale=locale, java_script_enabled=scripts) as elsewhere,
    ):
        journey = Journey(here, elsewhere, locale.partition("-")[0], scripts)
        sign_up(here, journey.email)
        journey.confirm()
        journey.recover()
        journey.stop_mails()
        journey.change(f"{uuid4().hex}@example.com")
        assert unexpected(here, elsewhere) == []


def test_the_password_is_asked_again_and_leads_back(browser: Browser, site: Site) -> None:
    player = site.player("Marta")
    with visiting(browser, site, player) as visitor:
        page = visitor.page
        visitor.go("/account/confirm-password?next=/account/email")
        look_at(visitor, scripts=True)
        fill(page, password="otra-cosa-9")
        expect(page.locator("#error-password")).to_have_text("Esa no es tu contraseña.")
        fill(page, password=player.password)
        expect(page).to_have_url(re.compile("/account/email$"))
        assert unexpected(visitor) == []


@pytest.mark.parametrize("locale", ["en-GB", "pt-BR"])
def test_the_account_speaks_each_language(browser: Browser, site: Site, locale: str) -> None:
    with visiting(browser, site, site.player("Iván"), locale=locale) as visitor:
        for path in ("/account", "/account/password", "/account/email", "/forgot"):
            visitor.go(path)
            expect(visitor.page.locator("html")).to_have_attribute("lang", locale.partition("-")[0])
            assert visitor.overflow() <= 0, path
        assert unexpected(visitor) == []
