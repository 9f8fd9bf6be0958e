"""A minor signs up in a browser, where the season asks for consent; the guardian answers in another."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from anb.accounts import recovery
from anb.consents import service as consents
from anb.consents.domain import ConsentStanding
from support.browser import Visitor, visiting
from support.consenting import MARTA, newest_token
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser

EMAIL, WORD = "nina@example.com", "balon-naranja-7"
# What people read: the button, what a minor lacks, the answer, the guardian's yes, the thanks.
SPANISH = (
    "Crear cuenta",
    "escribe el nombre y el correo de tu madre, padre o representante",
    "Mira tu correo",
    "Sí, doy mi permiso",
    "Gracias. Guardamos tu permiso",
)
ENGLISH = (
    "Create account",
    "enter the name and e-mail of your parent or guardian",
    "Check your e-mail",
    "Yes, I give my permission",
    "Thank you. We have kept your permission",
)


@pytest.fixture
def asking(world: World) -> Iterator[Site]:
    """The site with mail, in a season that asks for consent."""
    world.season(asks_consent=True)
    world.change(mail_is_sent=True)
    with served(world) as site:
        yield site


def look_at(visitor: Visitor, *, scripts: bool) -> None:
    """Check the open page: it fits, and axe-core finds nothing."""
    assert visitor.overflow() <= 0, visitor.page.url
    if scripts:
        assert visitor.barriers() == [], visitor.page.url


def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"[name={name}]").fill(text)


def standing(world: World) -> ConsentStanding:
    with world.uow() as uow:
        return consents.standing_of(uow, world.settings, recovery.find(uow, EMAIL).id)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize(("locale", "words"), [("es-CO", SPANISH), ("en-GB", ENGLISH)], ids=["es", "en"])
def test_a_minors_account_begins_with_the_guardians_mail(
    browser: Browser, asking: Site, world: World, scripts: bool, locale: str, words: tuple[str, ...]
) -> None:
    create, lacks, told, yes, thanks = words
    look: dict[str, Any] = {"locale": locale, "java_script_enabled": scripts}
    with visiting(browser, asking, **look) as child, visiting(browser, asking, **look) as guardian:
        page, button = child.page, child.page.get_by_role("button", name=create)
        child.go("/signup")
        look_at(child, scripts=scripts)
        fill(page, first_name="Nina", last_name="Ríos", city="Cali", email=EMAIL, password1=WORD, password2=WORD)
        fill(page, birth_year="2012")
        page.locator("[name=agree]").check()
        look_at(child, scripts=scripts)
        if not scripts:  # the browser asks for nothing that only minors need: the server does
            button.click()
            expect(page.locator("#error-guardian_name")).to_contain_text(lacks)
            expect(page.locator("[name=birth_year]")).to_have_value("2012")
            expect(page.locator("[name=agree]")).to_be_checked()
            look_at(child, scripts=scripts)
            fill(page, password1=WORD, password2=WORD)
        fill(page, guardian_name="Marta", guardian_email=MARTA)
        button.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(told)
        assert standing(world) is ConsentStanding.GUARDIAN_ASKED

        guardian.go(f"/guardian?token={newest_token(world)}")
        guardian.page.get_by_role("button", name=yes).click()
        expect(guardian.page.get_by_text(thanks)).to_be_visible()
        assert standing(world) is ConsentStanding.GIVEN
        complaints = [said for said in child.complaints + guardian.complaints if "400 (Bad Request)" not in said]
        assert complaints == []


def test_the_script_shows_the_guardian_by_the_year(browser: Browser, asking: Site) -> None:
    with visiting(browser, asking) as visitor:
        visitor.go("/signup")
        year, name = (visitor.page.locator(f"[name={name}]") for name in ("birth_year", "guardian_name"))
        expect(name).to_be_hidden()
        for typed in ("20", "1990"):
            year.fill(typed)
            expect(name).to_be_hidden()
        year.fill("2012")
        expect(name).to_be_visible()
        expect(name).to_have_js_property("required", True)
        look_at(visitor, scripts=True)
        year.fill("1990")
        expect(name).to_be_disabled()
        assert visitor.complaints == []
