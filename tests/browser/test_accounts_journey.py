"""An account in a browser: sign up, confirm, forget the password, choose another, change it and the address."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

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


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_account_from_its_sign_up_to_another_address(browser: Browser, site: Site, scripts: bool) -> None:
    email, other = (f"{uuid4().hex}@example.com" for _ in range(2))
    with (
        visiting(browser, site, java_script_enabled=scripts) as here,
        visiting(browser, site, java_script_enabled=scripts) as elsewhere,
    ):
        sign_up(here, email)
        confirm(here, elsewhere, email, scripts=scripts)
        recover(here, email, scripts=scripts)
        change(here, elsewhere, email, other, scripts=scripts)
        assert unexpected(here, elsewhere) == []


def confirm(here: Visitor, elsewhere: Visitor, email: str, *, scripts: bool) -> None:
    """Confirm the address on another device."""
    page = here.page
    page.get_by_role("link", name="Cuenta", exact=True).click()
    expect(page.get_by_text("Sin confirmar")).to_be_visible()
    look_at(here, scripts=scripts)
    page.get_by_role("button", name="Enviarlo de nuevo").click()
    expect(page.get_by_role("status")).to_contain_text("te enviamos otro enlace")
    elsewhere.go(link_to(here.site, email, "/account/confirm"))
    look_at(elsewhere, scripts=scripts)
    elsewhere.page.get_by_role("button", name="Confirmar mi correo").click()
    expect(elsewhere.page.get_by_role("status")).to_contain_text("Tu correo quedó confirmado")
    look_at(elsewhere, scripts=scripts)
    page.reload()
    expect(page.get_by_text("Confirmado", exact=True)).to_be_visible()
    page.get_by_role("button", name="Salir").click()


def recover(here: Visitor, email: str, *, scripts: bool) -> None:
    """Sign in after a forgotten password."""
    page = here.page
    page.get_by_role("link", name="Entrar").first.click()
    page.get_by_role("link", name="Olvidé mi contraseña").click()
    look_at(here, scripts=scripts)
    fill(page, email=email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mira tu correo")
    look_at(here, scripts=scripts)
    here.go(link_to(here.site, email, "/account/reset"))
    fill(page, password1=WORDS[1], password2="otra")
    expect(page.locator("#error-password2")).to_have_text("Las contraseñas no coinciden.")
    look_at(here, scripts=scripts)
    fill(page, password1=WORDS[1], password2=WORDS[1])
    expect(page.get_by_role("status")).to_contain_text("Guardamos tu contraseña nueva")
    fill(page, email=email, password=WORDS[1])
    expect(page.get_by_role("link", name="Cuenta", exact=True)).to_be_visible()


def change(here: Visitor, elsewhere: Visitor, email: str, other: str, *, scripts: bool) -> None:
    """Change the password and the address, each from the account's page."""
    page = here.page
    here.go("/account")
    page.get_by_role("link", name="Cambiar la contraseña").click()
    look_at(here, scripts=scripts)
    fill(page, password=WORDS[1], password1=WORDS[2], password2=WORDS[2])
    expect(page.get_by_role("status")).to_contain_text("Cambiaste tu contraseña")
    page.get_by_role("link", name="Cambiar el correo").click()
    look_at(here, scripts=scripts)
    fill(page, email=other)
    expect(page.get_by_role("status")).to_contain_text("confírmalo desde allí")
    elsewhere.go(link_to(here.site, other, "/account/email/confirm"))
    elsewhere.page.get_by_role("button", name="Usar este correo").click()
    expect(elsewhere.page.get_by_role("status")).to_contain_text("Tu correo cambió")
    page.reload()
    expect(page.get_by_text(other)).to_be_visible()
    elsewhere.go(link_to(here.site, email, "/account/email/stop"))
    look_at(elsewhere, scripts=scripts)
    elsewhere.page.get_by_role("button", name="Detener el cambio").click()
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Elige otra contraseña")
    here.go("/account")
    expect(page).to_have_url(re.compile("/login"))


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
