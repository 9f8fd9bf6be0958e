"""The main job without scripts: slower, with more clicks, but complete."""

import re

import pytest
from playwright.sync_api import Browser, expect

from support.browser import PublishedClip, visiting
from support.site import PATIENCE, Site, short_clip

pytestmark = pytest.mark.browser


def test_a_clip_is_uploaded_and_followed_without_a_script(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Daniela", "Tumaco"), java_script_enabled=False) as player:
        page = player.page
        player.go("/upload")
        page.get_by_label("Título").fill("Doble paso")
        page.get_by_label("Video").set_input_files(short_clip())
        page.get_by_role("button", name="Subir clip").click()
        expect(page).to_have_url(re.compile("/videos/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Doble paso")
        # The page reloads itself until the edit is ready.
        expect(page.locator("video[controls]")).to_be_visible(timeout=PATIENCE * 1000)
        assert player.complaints == []


@pytest.mark.daily
def test_a_vote_counts_once_without_a_script(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site, site.player("Esteban"), java_script_enabled=False) as fan:
        page = fan.page
        fan.go(published.page)
        page.get_by_role("button", name="Votar por este clip").click()
        expect(page.get_by_text("¡Adentro!")).to_be_visible()
        expect(page.get_by_role("button", name="Votar por este clip")).to_have_count(0)
        assert page.url == site.url + published.page + "?done=vote"


def test_a_clip_that_breaks_a_rule_is_told_which(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Camila"), java_script_enabled=False) as player:
        page = player.page
        player.go("/upload")
        page.get_by_label("Título").fill("No es un video")
        page.get_by_label("Video").set_input_files({"name": "x.mp4", "mimeType": "video/mp4", "buffer": b"no video"})
        page.get_by_role("button", name="Subir clip").click()
        expect(page.locator(".notice")).to_contain_text("No encontramos un video")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sube tu clip")


def test_signing_out_forgets_the_session(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Lina"), java_script_enabled=False) as player:
        player.go("/me")
        player.page.get_by_role("button", name="Salir").click()
        player.go("/me")
        expect(player.page).to_have_url(site.url + "/login?next=%2Fme")


@pytest.mark.slow
def test_a_clip_is_withdrawn_and_an_account_left_without_a_script(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Martina", "Neiva"), java_script_enabled=False) as player:
        page = player.page
        player.go("/upload")
        page.get_by_label("Título").fill("Para retirar")
        page.get_by_label("Video").set_input_files(short_clip())
        page.get_by_role("button", name="Subir clip").click()
        expect(page.locator("video[controls]")).to_be_visible(timeout=PATIENCE * 1000)
        clip = page.url
        page.get_by_text("Retirar este clip").click()
        page.get_by_role("button", name="Sí, retirarlo").click()
        expect(page.get_by_text("Tu clip fue retirado")).to_be_visible()
        assert page.goto(clip).status == 404  # type: ignore[union-attr]
        player.go("/account/erase")
        page.get_by_role("button", name="Sí, eliminar mi cuenta").click()
        expect(page.get_by_text("Recibimos tu solicitud")).to_be_visible()
        player.go("/me")
        assert "/login" in page.url
