"""A minor in a browser, and the guardian in another: the consent page, the waiting clip, the answer, the profile."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from anb.consents.domain import ConsentStanding
from anb.jobs.domain import JobState
from support.browser import Visitor, visiting
from support.consenting import MARTA, job_state, newest_token, standing
from support.served import served
from support.site import Site
from support.worlds import AcceptedClip, Player, World

pytestmark = pytest.mark.browser

# What people read: title of the consent page, its button, what waits, the guardian's yes, the thanks.
SPANISH = (
    "Tus datos y tu permiso",
    "Dar mi permiso",
    "Esperamos la respuesta de tu madre, padre o representante",
    "Sí, doy mi permiso",
    "Gracias. Guardamos tu permiso",
)
ENGLISH = (
    "Your data and your permission",
    "Give my permission",
    "We are waiting for your parent’s or guardian’s answer",
    "Yes, I give my permission",
    "Thank you. We have kept your permission",
)


@pytest.fixture
def minor(world: World) -> Player:
    """A player in a season that asks for consent."""
    world.season(asks_consent=True)
    return world.player("Nina Menor")


@pytest.fixture
def clip(minor: Player) -> AcceptedClip:
    return minor.upload()


@pytest.fixture
def asking(clip: AcceptedClip, world: World) -> Iterator[Site]:
    """The site, where the minor's clip waits."""
    del clip  # it arrived before the site is served
    with served(world) as site:
        yield site


def look_at(visitor: Visitor, *, scripts: bool) -> None:
    """Check the open page: it fits, and axe-core finds nothing."""
    assert visitor.overflow() <= 0, visitor.page.url
    if scripts:
        assert visitor.barriers() == [], visitor.page.url


def sign_in(visitor: Visitor, player: Player) -> None:
    visitor.go("/login?next=/me")
    visitor.page.locator("[name=email]").fill(player.email)
    visitor.page.locator("[name=password]").fill("balon-naranja-7")
    visitor.page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize(("locale", "words"), [("es-CO", SPANISH), ("en-GB", ENGLISH)], ids=["es", "en"])
def test_a_minors_clip_waits_until_the_guardian_answers_elsewhere(
    browser: Browser,
    asking: Site,
    minor: Player,
    clip: AcceptedClip,
    scripts: bool,
    locale: str,
    words: tuple[str, ...],
) -> None:
    title, give, waits, yes, thanks = words
    look: dict[str, Any] = {"locale": locale, "java_script_enabled": scripts}
    with visiting(browser, asking, **look) as child, visiting(browser, asking, **look) as guardian:
        sign_in(child, minor)
        expect(child.page.get_by_role("heading", level=1)).to_have_text(title)
        look_at(child, scripts=scripts)
        for name, text in {"birth_year": "2012", "guardian_name": "Marta", "guardian_email": MARTA}.items():
            child.page.locator(f"[name={name}]").fill(text)
        child.page.locator("[name=agree]").check()
        child.page.get_by_role("button", name=give).click()
        expect(child.page.get_by_role("status").first).to_contain_text(waits)
        look_at(child, scripts=scripts)
        for path in ("/me", f"/videos/{clip.video_id}"):
            child.go(path)
            expect(child.page.get_by_text(waits)).to_be_visible()
            look_at(child, scripts=scripts)

        guardian.go(f"/guardian?token={newest_token(minor.world)}")
        look_at(guardian, scripts=scripts)
        assert standing(minor) is ConsentStanding.GUARDIAN_ASKED
        guardian.page.get_by_role("button", name=yes).click()
        expect(guardian.page.get_by_text(thanks)).to_be_visible()
        look_at(guardian, scripts=scripts)
        assert job_state(minor, clip.task_id) is JobState.QUEUED
        assert child.complaints == guardian.complaints == []


def test_the_policy_and_the_profile_are_for_everybody(browser: Browser, asking: Site, minor: Player) -> None:
    with visiting(browser, asking) as visitor:
        visitor.go("/privacy/policy")
        look_at(visitor, scripts=True)
        sign_in(visitor, minor)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text(SPANISH[0])
        visitor.go("/account/profile")
        look_at(visitor, scripts=True)
        visitor.page.get_by_label("Nombre público").fill("El Rayo")
        visitor.page.get_by_role("button", name="Guardar", exact=True).click()
        expect(visitor.page.get_by_text("Guardamos los cambios.")).to_be_visible()
        look_at(visitor, scripts=True)
        assert visitor.complaints == []
