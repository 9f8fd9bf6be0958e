"""The court of the upload page: clips are dropped, recorded or chosen, and each begins where its player says."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import Visitor, visiting
from support.clips import Clip, draw, ffmpeg, kept_file
from support.site import PATIENCE, Person, Site, short_clip
from support.uploading import choose, send
from support.waiting import until

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
# To a browser it is an MP4; the server finds no pictures in it.
HOLLOW: Any = {"name": "hueco.mp4", "mimeType": "video/mp4", "buffer": b"\0\0\0\x10ftypisom\0\0\0\0" + bytes(4000)}
# The length that a browser first tells of the file that it shows.
LENGTH = """(preview) => new Promise((done) => {
    const other = document.createElement("video");
    other.addEventListener("loadedmetadata", () => done(String(other.duration)));
    other.src = preview.src;
})"""
DROP = """() => {
    const transfer = new DataTransfer();
    for (const file of document.querySelector("#carried").files) transfer.items.add(file);
    const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.querySelector("[data-court]").dispatchEvent(event);
}"""


def drop(page: Page, *clips: Path) -> None:
    """Drop files on the court."""
    carry = "() => { document.body.insertAdjacentHTML('beforeend', '<input id=carried type=file multiple hidden>'); }"
    page.evaluate(carry)
    page.locator("#carried").set_input_files(list(clips))
    page.evaluate(DROP)
    page.evaluate("document.querySelector('#carried').remove()")


def moment(page: Page) -> float:
    """Return the second that the preview of the first clip shows."""
    second: float = page.locator(".preview").first.evaluate("(preview) => preview.currentTime")
    return second


def seen(visitor: Visitor) -> None:
    assert visitor.overflow() <= 0
    assert visitor.barriers() == []


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    path = tmp_path / f"{'ruido' * 16}.mp4"  # without a place to break
    path.write_bytes(b"no video" * 100)
    return path


def test_clips_that_are_dropped_travel_one_after_another(
    browser: Browser, site: Site, player: Person, noise: Path
) -> None:
    with visiting(browser, site, player, size=NARROW, reduced_motion="reduce") as visitor:
        page = visitor.page
        visitor.go("/upload")
        drop(page, short_clip(), noise, draw(Clip(seconds=6)))
        refused = page.locator(".entry", has_text="No encontramos un video")
        expect(refused).to_contain_text(noise.name)
        expect(page.get_by_role("button", name="Subir 3 clips")).to_be_visible()
        expect(page.get_by_label("En qué segundo").last).to_be_visible()
        seen(visitor)
        refused.get_by_role("button", name=f"Quitar {noise.name}").click()
        expect(page.get_by_label("Video")).to_be_focused()
        page.get_by_label("Título").first.fill("Bandeja")
        page.get_by_role("button", name="Subir 2 clips").click()
        expect(page.get_by_label("Título").last).to_be_focused()  # each needs one
        page.get_by_label("Título").last.fill("Tapón")
        page.get_by_label("En qué segundo").last.press("ArrowRight")
        page.get_by_role("button", name="Subir 2 clips").click()
        page.wait_for_url(re.compile("/me$"), timeout=PATIENCE * 1000)
        assert visitor.complaints == []
    starts = {video["title"]: video["start_seconds"] for video in player.client.get("/api/videos").json()}
    assert starts == {"Bandeja": 0, "Tapón": 0.5}


def test_the_slider_shows_the_moment_that_it_names(browser: Browser, site: Site, player: Person) -> None:
    with visiting(browser, site, player, locale="en-US", scheme="dark", reduced_motion="reduce") as visitor:
        page, slider = visitor.page, visitor.page.get_by_label("At which second")
        visitor.network().send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})  # text of 200 %
        visitor.go("/upload")
        expect(slider).to_be_hidden()
        choose(page, "Video", draw(Clip(seconds=8)))
        expect(slider).to_have_attribute("max", "4")  # an edit of this site holds four seconds
        slider.focus()
        for _ in range(5):
            slider.press("ArrowRight")
        expect(page.get_by_text("Shown from second 2.5 to 6.5")).to_be_visible()
        until(lambda: abs(moment(page) - 2.5) < 0.1)
        seen(visitor)
        page.get_by_role("button", name="Play this part").click()
        until(lambda: moment(page) > 2.8)
        choose(page, "Video", HOLLOW)  # this browser cannot show it
        expect(page.locator(".entry").last.get_by_text("This browser cannot show your video")).to_be_visible()
        expect(slider.last).to_be_hidden()


def test_a_clip_that_is_refused_does_not_stop_the_others(browser: Browser, site: Site, player: Person) -> None:
    with visiting(browser, site, player) as visitor:
        page = visitor.page
        visitor.go("/upload")
        choose(page, "Video", HOLLOW)
        choose(page, "Video", short_clip())
        page.get_by_label("Título").first.fill("Hueco")
        page.get_by_label("Título").last.fill("Bandeja")
        page.get_by_role("button", name="Subir 2 clips").click()
        told = page.locator("[data-say]")
        expect(told).to_contain_text("Llegaron completos 1 de 2")
        expect(told).to_contain_text("Hueco: ")
        expect(page.get_by_label("Título")).to_have_value("Hueco")
        assert [video["title"] for video in player.client.get("/api/videos").json()] == ["Bandeja"]
        choose(page, "Video", short_clip())  # in the place of what was refused, under its title
        send(page)
        page.wait_for_url(re.compile("/videos/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Hueco")


def _recorded(path: Path) -> None:
    """Write WebM as browsers record it: the length is not known when its header is written."""
    picture = ("-f", "lavfi", "-i", "testsrc=s=1920x1080:r=10:d=7", "-c:v", "libvpx", "-deadline", "realtime")
    ffmpeg(*picture, "-cpu-used", "16", "-b:v", "1M", "-f", "webm", "-live", "1", str(path))


def test_a_recording_without_a_length_is_measured_to_its_end(browser: Browser, site: Site, player: Person) -> None:
    with visiting(browser, site, player) as visitor:
        page = visitor.page
        visitor.go("/upload")
        choose(page, "Video", kept_file("seven seconds that a browser recorded", "webm", _recorded))
        assert page.locator(".preview").evaluate(LENGTH) == "Infinity"
        expect(page.get_by_label("En qué segundo")).to_have_attribute("max", re.compile(r"^(2\.5|3)$"))
        until(lambda: moment(page) < 0.2)


def test_more_clips_than_the_season_takes_are_told_before_a_byte(browser: Browser, site: Site, player: Person) -> None:
    left = "Te queda 1 clip por enviar en esta temporada."
    with visiting(browser, site, player) as visitor:
        page = visitor.page

        def limit(route: Any) -> None:  # the season of this site has no limit
            text = route.fetch().text().replace("data-upload=", 'data-left="1" data-upload=')
            route.fulfill(body=text.replace('"surplus": ""', f'"surplus": "{left}"'), content_type="text/html")

        page.route("**/upload", limit)
        visitor.go("/upload")
        drop(page, short_clip(), draw(Clip(seconds=4)))
        expect(page.locator(".entry").last).to_contain_text(left)
        expect(page.locator(".entry").first).not_to_contain_text(left)
        page.get_by_role("button", name="Quitar").first.click()
        expect(page.locator(".entry")).not_to_contain_text(left)


def test_a_phone_offers_its_camera_and_both_buttons_are_reached_by_keyboard(
    browser: Browser, site: Site, player: Person
) -> None:
    with visiting(browser, site, player, has_touch=True, is_mobile=True) as visitor:
        page = visitor.page
        visitor.go("/upload")
        expect(page.locator("label", has_text="Graba")).to_be_visible()
        expect(page.get_by_label("Graba")).to_have_attribute("capture", "environment")
        page.get_by_label("Video").focus()
        page.keyboard.press("Tab")
        expect(page.get_by_label("Graba")).to_be_focused()
        with page.expect_file_chooser() as chooser:
            page.locator("label", has_text="Graba").click()
        chooser.value.set_files(short_clip())
        expect(page.locator(".entry video")).to_be_visible()
        seen(visitor)
