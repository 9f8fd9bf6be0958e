"""Signing in with an issuer in Chromium: from one site to another and back, also without scripts, in each language."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from anb.db.tables_accounts import users
from support.browser import PHONE, Visitor, visiting
from support.factors import code_at, enrolled
from support.mock_issuer import MockIssuer, offer
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser


@pytest.fixture
def club(world: World, mock: MockIssuer) -> Iterator[Site]:
    """The site at 127.0.0.1, with an issuer at localhost: for a browser, two sites."""
    with served(world) as site:
        offer(world, mock.config(), here=site.url)
        yield site


def vouch(page: Page, subject: str, button: str = "Continuar con") -> None:
    """Go to the issuer and sign in there."""
    page.get_by_role("button", name=re.compile(button)).click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def look_at(visitor: Visitor) -> None:
    assert visitor.overflow() <= 0, visitor.page.url
    assert visitor.barriers() == [], visitor.page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_new_person_joins_with_an_issuer(browser: Browser, club: Site, mock: MockIssuer, scripts: bool) -> None:
    subject = mock.knows_somebody()
    with visiting(browser, club, size=PHONE, java_script_enabled=scripts) as visitor:
        visitor.go("/login?next=/rules")
        vouch(visitor.page, subject)
        expect(visitor.page).to_have_url(f"{club.url}/signup/with")
        expect(visitor.page.get_by_text(f"{subject}@club.example")).to_be_visible()
        visitor.page.get_by_label("Ciudad").fill("Bogotá")
        visitor.page.get_by_role("button", name="Crear cuenta").click()
        expect(visitor.page).to_have_url(f"{club.url}/rules")
        visitor.go("/account/identities")
        assert [one for one in visitor.complaints if mock.url not in one] == []
        expect(visitor.page.get_by_role("button", name="Quitar El Club")).to_be_visible()


def test_every_page_on_the_way_is_for_everybody(browser: Browser, club: Site, mock: MockIssuer) -> None:
    subject = mock.knows_somebody()
    with visiting(browser, club, size=PHONE, reduced_motion="reduce") as visitor:
        page = visitor.page
        for path in ("/login", "/signup"):
            visitor.go(path)
            look_at(visitor)
        page.route(f"{mock.url}/**", lambda route: route.fulfill(status=204))  # the page that leads on stays
        page.get_by_role("button", name=re.compile("Continuar con")).click()
        page.get_by_role("link", name="Seguir").wait_for()
        look_at(visitor)
        page.unroute_all()
        visitor.go("/login")
        vouch(page, subject)
        page.get_by_label("Ciudad").wait_for()
        look_at(visitor)
        visitor.go("/signup/with/account")
        look_at(visitor)
        visitor.go("/signup/with")
        page.get_by_label("Ciudad").fill("Bogotá")
        page.get_by_role("button", name="Crear cuenta").click()
        visitor.go("/account/identities")
        look_at(visitor)
        page.get_by_role("button", name="Quitar").click()
        expect(page.get_by_role("alert")).to_contain_text("Es tu única forma de entrar.")
        look_at(visitor)
        visitor.go("/login")
        vouch(page, mock.knows_somebody())  # another person, while signed in
        expect(page.get_by_role("heading", level=1)).to_contain_text("¿Unir tu cuenta")
        look_at(visitor)
        visitor.go("/login/with/club/callback?state=x")
        expect(page.get_by_role("heading", level=1)).to_have_text("No pudiste entrar")
        look_at(visitor)


@pytest.mark.parametrize(
    ("locale", "button", "heading"), [("en-GB", "Continue with", "Create"), ("pt-BR", "Continuar com", "Crie")]
)
def test_the_way_is_told_in_the_readers_language(
    browser: Browser, club: Site, mock: MockIssuer, locale: str, button: str, heading: str
) -> None:
    with visiting(browser, club, size=PHONE, locale=locale) as visitor:
        visitor.go("/login")
        vouch(visitor.page, mock.knows_somebody(), button)
        expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert visitor.overflow() <= 0


def test_by_keyboard_alone(browser: Browser, club: Site, mock: MockIssuer) -> None:
    subject = mock.knows_somebody()
    with visiting(browser, club, size=PHONE) as visitor:
        visitor.go("/login")
        page = visitor.page
        page.get_by_label("Contraseña", exact=True).focus()
        button = page.get_by_role("button", name=re.compile("Continuar con"))
        for _ in range(6):
            page.keyboard.press("Tab")
            if button.evaluate("one => one === document.activeElement"):
                break
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        page.get_by_placeholder("sub").fill(subject)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{club.url}/signup/with")


def test_the_second_step_follows_an_issuer_on_another_site(
    browser: Browser, club: Site, mock: MockIssuer, world: World
) -> None:
    subject = mock.knows_somebody()
    with visiting(browser, club, size=PHONE) as visitor:
        visitor.go("/login")
        vouch(visitor.page, subject)
        visitor.page.get_by_label("Ciudad").fill("Bogotá")
        visitor.page.get_by_role("button", name="Crear cuenta").click()
        expect(visitor.page).not_to_have_url(re.compile("/signup/with"))
    with world.uow() as uow:
        account_id = uow.execute(select(users.c.id).where(users.c.email == f"{subject}@club.example")).scalar_one()
    secret = enrolled(world, account_id)
    with visiting(browser, club, size=PHONE) as visitor:
        visitor.go("/login?next=/rules")
        vouch(visitor.page, subject)
        expect(visitor.page).to_have_url(re.compile("/login/second"))
        visitor.page.locator("input[name=code]").fill(code_at(world, secret, 1))
        visitor.page.locator("main form button").last.click()
        expect(visitor.page).to_have_url(f"{club.url}/rules")
