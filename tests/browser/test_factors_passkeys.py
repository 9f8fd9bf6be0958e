"""Passkeys in Chromium, with its virtual authenticator; and codes without a script, by keyboard, on a phone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from support.browser import PHONE, Visitor, visiting
from support.site import Person, Site

pytestmark = pytest.mark.browser

HOME = "/account/security"
ADD, SIGN_IN = "Agregar passkey", "Entrar con passkey"


@pytest.fixture
def here(site: Site) -> Site:
    """The site by a name: browsers allow no passkeys at an IP address."""
    return replace(site, url=site.url.replace("127.0.0.1", "localhost"))


@dataclass
class Device:
    """A virtual authenticator of a window."""

    cdp: CDPSession
    id: str

    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def copy(self, credential: dict[str, Any]) -> None:
        """Give the authenticator a credential of another one."""
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def clear(self) -> None:
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})

    def verify(self, *, succeeds: bool) -> None:
        """Say whether its owner is recognized."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": succeeds})


def device(page: Page) -> Device:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return Device(cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])


@contextmanager
def window(browser: Browser, here: Site, **more: Any) -> Iterator[tuple[Visitor, Device]]:
    with visiting(browser, here, size=PHONE, **more) as visitor:
        yield visitor, device(visitor.page)


def sign_in(visitor: Visitor, person: Person) -> None:
    visitor.go("/login")
    visitor.page.get_by_label("Correo").fill(person.email)
    visitor.page.get_by_label("Contraseña", exact=True).fill(person.password)
    visitor.page.get_by_role("button", name="Entrar", exact=True).click()


def register(visitor: Visitor, name: str) -> list[str]:
    """Add a passkey; return the recovery codes that came with the first one."""
    page = visitor.page
    visitor.go(HOME)
    page.get_by_label("Nombre").fill(name)
    page.get_by_role("button", name=ADD).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tus códigos de recuperación")
    return page.locator("main li code").all_inner_texts()


def expect_signed_in(page: Page) -> None:
    expect(page.get_by_role("link", name="Mis videos")).to_be_visible()


def sign_in_by_passkey(visitor: Visitor) -> None:
    visitor.go("/login")
    visitor.page.get_by_role("button", name=SIGN_IN).click()


@pytest.mark.daily
def test_a_passkey_is_registered_signs_in_and_is_removed(browser: Browser, here: Site) -> None:
    person = here.player("Paola")
    with window(browser, here) as (visitor, phone):
        page = visitor.page
        sign_in(visitor, person)
        expect_signed_in(page)
        assert len(register(visitor, "Mi celular")) == 10
        assert phone.credentials()[0]["isResidentCredential"]
        page.get_by_role("link", name="Ya los guardé").click()
        expect(page.get_by_role("heading", name="Mi celular")).to_be_visible()
        assert visitor.barriers() == []
        assert visitor.overflow() <= 0

        page.context.clear_cookies()
        sign_in_by_passkey(visitor)
        expect_signed_in(page)
        assert phone.credentials()[0]["signCount"] >= 2

        visitor.go(HOME)
        page.get_by_text("Cambiar").click()
        page.get_by_role("button", name="Quitar passkey").click()
        expect(page.get_by_text("Quitaste un segundo paso")).to_be_visible()
        page.context.clear_cookies()
        sign_in_by_passkey(visitor)
        expect(page.get_by_text("No reconocemos esta passkey")).to_be_visible()
        assert visitor.complaints == []


def test_a_copied_key_is_noticed(browser: Browser, here: Site) -> None:
    person = here.player("Clon")
    with window(browser, here) as (visitor, phone):
        page = visitor.page
        sign_in(visitor, person)
        register(visitor, "")
        stolen = phone.credentials()[0]
        page.context.clear_cookies()
        sign_in_by_passkey(visitor)
        expect_signed_in(page)

        page.context.clear_cookies()
        phone.clear()
        phone.copy(stolen)  # its counter has not seen the last sign-in
        sign_in_by_passkey(visitor)
        expect(page.get_by_text("No reconocemos esta passkey")).to_be_visible()


def test_a_device_that_does_not_recognize_its_owner_signs_nobody_in(browser: Browser, here: Site) -> None:
    person = here.player("Dueña")
    with window(browser, here) as (visitor, phone):
        page = visitor.page
        sign_in(visitor, person)
        register(visitor, "")
        page.context.clear_cookies()
        phone.verify(succeeds=False)
        sign_in_by_passkey(visitor)
        expect(page.get_by_text("Tu navegador no usó ninguna passkey")).to_be_visible()
        expect(page.get_by_role("button", name=SIGN_IN)).to_be_enabled()
        visitor.go("/me")
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Mis videos")


def test_the_second_step_takes_the_passkey_too(browser: Browser, here: Site) -> None:
    person = here.player("Segunda")
    with window(browser, here) as (visitor, _):
        page = visitor.page
        sign_in(visitor, person)
        register(visitor, "")
        page.context.clear_cookies()
        sign_in(visitor, person)
        expect(page.get_by_role("heading", level=1)).to_have_text("Segundo paso")
        assert visitor.barriers() == []
        page.get_by_role("button", name=SIGN_IN).click()
        expect_signed_in(page)


def test_codes_work_without_a_script_by_keyboard_on_a_phone(browser: Browser, here: Site) -> None:
    person = here.player("Código")
    with visiting(browser, here, size=PHONE, java_script_enabled=False) as visitor:
        page = visitor.page
        sign_in(visitor, person)
        visitor.go(HOME)
        expect(page.get_by_role("button", name=ADD)).to_be_hidden()
        expect(page.get_by_text("hacen falta JavaScript")).to_be_visible()
        page.get_by_role("button", name="Configurar aplicación").press("Enter")
        expect(page.get_by_role("img", name="Código QR para tu aplicación")).to_be_visible()
        secret = page.locator("main code").inner_text().replace(" ", "")
        page.get_by_label("Código", exact=True).fill("000000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("El código no es correcto")).to_be_visible()
        page.get_by_label("Código", exact=True).fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tus códigos de recuperación")
        codes = page.locator("main li code").all_inner_texts()

        page.context.clear_cookies()
        sign_in(visitor, person)
        expect(page).to_have_url(re.compile("/login/second"))
        page.get_by_label("Código", exact=True).fill(codes[0].upper())
        page.keyboard.press("Enter")
        expect_signed_in(page)
        assert [one for one in visitor.complaints if "400" not in one] == []  # the wrong code was refused


@pytest.mark.parametrize("locale", ["es-CO", "en-GB"])
def test_its_pages_are_for_everybody(browser: Browser, here: Site, locale: str) -> None:
    person = here.player("Accesible")
    with visiting(browser, here, person, size=PHONE, locale=locale, reduced_motion="reduce") as visitor:
        page = visitor.page
        for path in (HOME, "/account/factor"):
            visitor.go(path)
            assert visitor.barriers() == [], path
            assert visitor.overflow() <= 0, path
        visitor.go(HOME)
        page.locator("form[action$='/totp'] button").click()
        expect(page.locator(".qr svg")).to_be_visible()
        assert visitor.barriers() == []
        assert visitor.overflow() <= 0
        secret = page.locator("main code").inner_text().replace(" ", "")
        page.locator("#code").fill(pyotp.TOTP(secret).at(datetime.now(UTC)))
        page.keyboard.press("Enter")
        expect(page.locator("main li code")).to_have_count(10)
        assert visitor.barriers() == []
        assert visitor.overflow() <= 0
        assert visitor.complaints == []
