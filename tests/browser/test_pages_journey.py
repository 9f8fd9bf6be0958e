"""The main job in a browser, from signing up to the ranking, through nginx."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import PublishedClip, Visitor, slow_down, visiting
from support.site import PATIENCE, Site, short_clip

pytestmark = pytest.mark.browser


def sign_up(page: Page, first_name: str, city: str) -> None:
    for label, text in {
        "Nombre": first_name,
        "Apellido": "Ríos",
        "Ciudad": city,
        "Correo electrónico": f"{uuid4().hex}@example.com",
        "Contraseña": "balon-naranja-7",
        "Repite la contraseña": "balon-naranja-7",
    }.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Crear cuenta").click()


def publish(player: Visitor, city: str) -> str:
    """Sign up, upload a clip and wait for its edit, as on a phone; return the address of its page."""
    page = player.page
    player.go("/")
    page.get_by_role("link", name="Sube tu clip").first.click()
    page.get_by_role("link", name="Crea una").click()
    sign_up(page, "Lucía", city)

    expect(page).to_have_url(re.compile("/upload$"))
    page.get_by_label("Título").fill("Triple sobre la bocina")
    page.get_by_label("Video").set_input_files(short_clip())
    expect(page.locator("video.preview")).to_be_visible()
    shares = watch_progress(page)
    slow_down(player.network(), seconds=1.5, size=short_clip().stat().st_size)
    page.get_by_role("button", name="Subir clip").click()

    page.wait_for_url(re.compile("/videos/"))
    assert len(set(shares())) > 3, shares()
    assert shares() == sorted(shares())
    assert shares()[-1] == 100
    assert page.locator(".live, .ballot").count() == 1
    expect(page.locator("video[controls]")).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text("Este clip es tuyo")).to_be_visible()
    assert plays(page)
    return page.url.removeprefix(player.site.url)


def vote(fan: Visitor, clip: str) -> None:
    """Find a clip, vote, and sign up for it: the vote is counted then, once; a later visit changes nothing."""
    page = fan.page
    fan.go(clip)
    page.get_by_role("button", name="Votar por este clip").click()
    expect(page.get_by_text("Apenas entres, contamos tu voto.")).to_be_visible()
    page.get_by_role("link", name="Crea una").click()
    sign_up(page, "Andrés", "Quibdó")

    expect(page).to_have_url(fan.site.url + clip + "?done=vote")
    expect(page.get_by_text("¡Adentro! Va 1 voto.")).to_be_visible()
    expect(page.locator("[data-votes]")).to_have_text("1")
    fan.go(clip)
    expect(page.locator("[data-votes]")).to_have_text("1")
    expect(page.get_by_text("Ya votaste por este clip")).to_be_visible()


@pytest.mark.daily
def test_a_clip_goes_from_a_phone_to_the_ranking(browser: Browser, site: Site) -> None:
    city = f"Cali {uuid4().hex[:6]}"
    with visiting(browser, site) as player:
        clip = publish(player, city)
        assert player.complaints == []
    with visiting(browser, site) as fan:
        vote(fan, clip)
        fan.go(f"/ranking?city={city}")
        podium = fan.page.get_by_role("list", name="Podio")
        expect(podium).to_contain_text("Lucía Ríos")
        expect(podium.locator(".votes b")).to_have_text("1")
        assert fan.complaints == []


def test_a_second_vote_from_another_window_is_told_so(browser: Browser, site: Site, published: PublishedClip) -> None:
    fan = site.player("Camila")
    with visiting(browser, site, fan) as first, visiting(browser, site, fan) as second:
        for window in (first, second):
            window.go(published.page)
        first.page.get_by_role("button", name="Votar por este clip").click()
        expect(first.page.get_by_text("¡Adentro!")).to_be_visible()
        counted = first.page.locator("[data-votes]").inner_text()
        second.page.get_by_role("button", name="Votar por este clip").click()
        expect(second.page.get_by_text("Ya has votado por este video.")).to_be_visible()
        second.go(published.page)
        expect(second.page.locator("[data-votes]")).to_have_text(counted)


def watch_progress(page: Page) -> Callable[[], list[int]]:
    """Note every share that the bar shows, even if the page is left at once."""
    seen: list[int] = []
    page.expose_function("noteShare", lambda share: seen.append(share))  # noqa: PLW0108 - a builtin it cannot wrap
    page.evaluate(
        """() => {
            const sending = document.querySelector("[data-sending]"), bar = sending.querySelector("progress");
            new MutationObserver(() => noteShare(Math.round(bar.value)))
                .observe(sending, {subtree: true, childList: true, characterData: true});
        }"""
    )
    return lambda: seen


def plays(page: Page) -> bool:
    """Say whether the edit really plays."""
    playing: bool = page.evaluate(
        """() => new Promise((done) => {
            const video = document.querySelector("video");
            video.addEventListener("timeupdate", () => video.currentTime > 0.2 && done(true));
            video.addEventListener("error", () => done(false));
            video.muted = true; video.play();
        })"""
    )
    return playing
