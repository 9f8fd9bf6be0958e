"""An upload that does not get through: told in the server's words, and nothing lost of what was typed."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import Visitor, slow_down, visiting
from support.clips import Clip, draw
from support.cutter import cutting
from support.site import Site, short_clip

pytestmark = pytest.mark.browser


def fill(visitor: Visitor, title: str = "Tapón al último segundo") -> Page:
    """Open the form and choose a clip the rules allow."""
    visitor.go("/upload")
    visitor.page.get_by_label("Título").fill(title)
    visitor.page.get_by_label("Video").set_input_files(short_clip())
    return visitor.page


def test_a_clip_that_is_too_short_does_not_travel(browser: Browser, site: Site) -> None:
    player = site.player()
    with visiting(browser, site, player) as visitor:
        sent: list[str] = []
        visitor.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page = fill(visitor)
        page.get_by_label("Video").set_input_files(draw(Clip(seconds=1)))
        said = page.locator("#error-video_file")
        expect(said).to_have_text("Tu video dura 1 s; sube uno de 2 a 8 s.")
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_label("Video")).to_be_focused()
        assert sent == []
    with draw(Clip(seconds=1)).open("rb") as file:
        answer = player.client.post("/api/videos/upload", files={"video_file": file}, data={"title": "Tapón"}).json()
    assert answer["detail"] == "Tu video dura 1 s; sube uno de 2 a 8 s."


def test_what_only_the_server_can_see_is_told_in_its_words(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player()) as visitor:
        page = fill(visitor)
        page.get_by_label("Video").set_input_files({"name": "x.mp4", "mimeType": "video/mp4", "buffer": b"no video"})
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_role("alert")).to_contain_text("No encontramos un video")
        expect(page.get_by_label("Título")).to_have_value("Tapón al último segundo")
        expect(page.get_by_role("button", name="Subir clip")).to_be_focused()


@pytest.mark.slow
def test_an_upload_can_be_called_off_and_sent_again(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player(), reduced_motion="reduce") as visitor:
        page, network = fill(visitor), visitor.network()
        slow_down(network, seconds=30, size=short_clip().stat().st_size)
        page.get_by_role("button", name="Subir clip").click()
        expect(page.get_by_role("progressbar", name="Subiendo")).to_be_visible()
        assert visitor.barriers() == []
        page.get_by_role("button", name="Cancelar").click()
        expect(page.get_by_role("alert")).to_contain_text("No guardamos nada")
        slow_down(network, seconds=0.1, size=short_clip().stat().st_size)
        page.get_by_role("button", name="Subir clip").click()
        page.wait_for_url("**/videos/*")


def test_a_connection_that_breaks_goes_on_where_it_was_cut(browser: Browser, site: Site) -> None:
    size = short_clip().stat().st_size
    with (
        cutting(site.url, size // 2) as cutter,
        visiting(browser, replace(site, url=cutter.url), site.player()) as visitor,
    ):
        page, offsets = fill(visitor), []
        page.on("request", lambda request: offsets.append(int(request.headers.get("upload-offset", -1))))
        page.get_by_role("button", name="Subir clip").click()
        page.wait_for_url("**/videos/*")
    assert cutter.cuts == 1
    assert max(offsets) >= size // 4


def test_a_server_that_cannot_be_reached_loses_nothing_that_was_typed(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player()) as visitor:
        page = fill(visitor)
        page.clock.install()
        page.route("**/api/uploads", lambda route: route.abort("connectionreset"))
        page.get_by_role("button", name="Subir clip").click()
        for _ in range(8):
            page.wait_for_timeout(50)
            page.clock.run_for(31_000)
        expect(page.get_by_role("alert")).to_contain_text("La subida se cortó")
        expect(page.get_by_label("Título")).to_have_value("Tapón al último segundo")
        assert page.evaluate("document.getElementById('video_file').files.length") == 1
