"""An upload that fails: the page shows the server's message, and the typed text is kept."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import Visitor, slow_down, visiting
from support.clips import Clip, draw
from support.cutter import cutting
from support.site import Site, short_clip
from support.uploading import noted

pytestmark = pytest.mark.browser


def fill(visitor: Visitor, clip: Any = None) -> Page:
    """Open the form and choose a clip: one the rules allow, unless another is given."""
    visitor.go("/upload")
    visitor.page.get_by_label("Título").fill("Tapón al último segundo")
    visitor.page.get_by_label("Video").set_input_files(clip or short_clip())
    return visitor.page


def test_a_clip_that_is_too_short_does_not_travel(browser: Browser, site: Site) -> None:
    player = site.player()
    with visiting(browser, site, player) as visitor:
        sent: list[str] = []
        visitor.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page = fill(visitor, draw(Clip(seconds=1)))
        said = page.locator("[data-wrong]")
        expect(said).to_have_text("Tu video dura 1 s; sube uno de 2 a 8 s.")
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_label("Video")).to_be_focused()
        assert sent == []
    with draw(Clip(seconds=1)).open("rb") as file:
        answer = player.client.post("/api/videos/upload", files={"video_file": file}, data={"title": "Tapón"}).json()
    assert answer["detail"] == "Tu video dura 1 s; sube uno de 2 a 8 s."


NO_VIDEO = b"no video" * 1000
NOISE = {"name": "x.mp4", "mimeType": "video/mp4", "buffer": NO_VIDEO}
# To a browser it is an MP4.
HOLLOW = {"name": "y.mp4", "mimeType": "video/mp4", "buffer": b"\0\0\0\x10ftypisom\0\0\0\0" + bytes(4000)}


def test_noise_does_not_travel(browser: Browser, site: Site) -> None:
    player = site.player()
    with visiting(browser, site, player) as visitor:
        page, sent = fill(visitor, NOISE), []
        page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
        said = page.locator("[data-wrong]")
        expect(said).to_contain_text("No encontramos un video")
        words = said.inner_text()
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_label("Video")).to_be_focused()
        assert sent == []
    answer = player.client.post("/api/videos/upload", files={"video_file": NO_VIDEO}, data={"title": "Tapón"})
    assert answer.json()["detail"] == words


def test_what_only_the_server_can_see_is_told_in_its_words(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player()) as visitor:
        page = fill(visitor, HOLLOW)
        expect(page.get_by_label("En qué segundo")).to_be_hidden()
        expect(page.get_by_text("Este navegador no puede mostrar tu video")).to_be_visible()
        page.get_by_role("button", name="Subir clip").click()
        told = page.locator("[data-say] .notice")
        expect(told).to_be_visible()
        assert "/upload" in page.url
        expect(page.get_by_label("Título")).to_have_value("Tapón al último segundo")
        expect(page.get_by_role("button", name="Subir clip")).to_be_focused()
        page.get_by_label("Video").set_input_files(short_clip())
        expect(told).to_be_hidden()  # that message was about another file
        expect(page.locator("video.preview")).to_be_visible()


@pytest.mark.slow
def test_an_upload_can_be_called_off_and_sent_again(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player(), reduced_motion="reduce") as visitor:
        page, network = fill(visitor), visitor.network()
        slow_down(network, seconds=30, size=short_clip().stat().st_size)
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_role("progressbar", name="Subiendo")).to_be_visible()
        assert visitor.barriers() == []
        page.get_by_role("button", name="Cancelar").click()
        expect(page.locator("[data-say]")).to_contain_text("De este clip no guardamos nada")
        slow_down(network, seconds=0.1, size=short_clip().stat().st_size)
        page.get_by_role("button", name="Subir clip").click()
        page.wait_for_url("**/videos/*")


@pytest.mark.daily
def test_a_connection_that_breaks_goes_on_where_it_was_cut(browser: Browser, site: Site) -> None:
    with (
        cutting(site.url, short_clip().stat().st_size // 8) as cutter,
        visiting(browser, replace(site, url=cutter.url), site.player()) as visitor,
    ):
        page, seen = fill(visitor), noted(visitor.page)
        page.get_by_role("button", name="Subir clip").click()
        page.wait_for_url("**/videos/*")
    assert cutter.cuts == 1
    assert seen.methods.count("POST") == 1
    assert min(seen.offsets_after_head) > 0


def test_a_server_that_cannot_be_reached_is_waited_for(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player()) as visitor:
        page = fill(visitor)
        page.route("**/api/uploads", lambda route: route.abort("connectionreset"))
        page.get_by_role("button", name="Subir clip").click()
        expect(page.locator("[data-state]")).to_contain_text("Sin señal, seguimos en cuanto vuelva")
        expect(page.get_by_label("Título")).to_have_value("Tapón al último segundo")
        page.unroute("**/api/uploads")
        page.wait_for_url("**/videos/*")
