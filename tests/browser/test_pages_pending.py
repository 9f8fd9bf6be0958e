"""Unfinished uploads: listed after a reload, recognized by their file, and resumed or removed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from anb.settings import MIB
from support.browser import slow_down, visiting
from support.site import Person, Site
from support.uploading import begin, choose, padded, reload_midway, send, under_way
from support.waiting import until

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("where", ["the list", pytest.param("the form", marks=pytest.mark.slow)])
def test_after_a_reload_the_same_file_goes_on(
    browser: Browser, site: Site, player: Person, clip: Path, where: str
) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = visitor.page, reload_midway(visitor, clip)
        row = page.locator("[data-pending] li")
        expect(row).to_contain_text("Bandeja de espaldas")
        expect(row).to_contain_text("jugada larga.mp4")
        expect(row).to_contain_text(re.compile(r"Ya tenemos [\d,]+ de 4 MB"))
        assert visitor.barriers() == []
        assert visitor.overflow() <= 0
        if where == "the list":
            choose(page, "Seguir Bandeja de espaldas", clip)
        else:
            choose(page, "Video", clip)
            expect(page.get_by_label("Título")).to_have_value("Bandeja de espaldas")
            expect(page.get_by_text("sigue donde se quedó")).to_be_visible()
            send(page)
        page.wait_for_url(re.compile("/videos/"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Bandeja de espaldas")
    assert seen.methods.count("POST") == 1
    assert min(seen.offsets_after_head) > 0


@pytest.mark.slow
def test_another_file_is_not_taken_for_one_that_waits(
    browser: Browser, site: Site, player: Person, clip: Path, tmp_path: Path
) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = visitor.page, reload_midway(visitor, clip)
        choose(page, "Seguir Bandeja de espaldas", padded(tmp_path / "otra.mp4", 3 * MIB))
        expect(page.locator("[data-told]")).to_contain_text("No es ninguno de estos: otra.mp4.")
        page.get_by_role("button", name="Descartar").click()
        expect(page.get_by_role("heading", name="Por terminar")).to_be_hidden()
        until(lambda: player.client.get(seen.place).status_code == 404)
        page.reload()
        expect(page.get_by_role("heading", name="Por terminar")).to_be_hidden()


@pytest.mark.slow
def test_several_that_wait_go_on_one_after_the_other(
    browser: Browser, site: Site, player: Person, clip: Path, tmp_path: Path
) -> None:
    with visiting(browser, site, player) as visitor:
        page = visitor.page
        reload_midway(visitor, clip)
        other = padded(tmp_path / "segunda.mp4", 4 * MIB, seconds=4)
        reload_midway(visitor, other)
        expect(page.locator("[data-pending] li")).to_have_count(2)
        page.locator("[data-again]").first.set_input_files([clip, other])
        page.wait_for_url(re.compile("/me$"))
    assert len(player.client.get("/api/videos").json()) == 2


@pytest.mark.slow
def test_an_upload_that_is_gone_begins_anew(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = visitor.page, reload_midway(visitor, clip)
        player.client.delete(seen.place, headers={"Tus-Resumable": "1.0.0"})
        choose(page, "Video", clip)
        send(page)
        page.wait_for_url(re.compile("/videos/"))
    assert seen.methods.count("POST") == 2


@pytest.mark.slow
def test_what_goes_on_keeps_the_start_it_began_with(
    browser: Browser, site: Site, player: Person, tmp_path: Path
) -> None:
    clip = padded(tmp_path / "jugada larga.mp4", 8 * MIB, seconds=8)
    with visiting(browser, site, player) as visitor:
        page, slider = visitor.page, visitor.page.get_by_label("En qué segundo")
        page.on("dialog", lambda dialog: dialog.accept())
        begin(visitor, clip)
        slider.fill("2.5")
        network = visitor.network()
        slow_down(network, seconds=20, size=8 * MIB)
        send(page)
        under_way(page)
        page.reload()
        slow_down(network, seconds=0.1, size=8 * MIB)
        choose(page, "Video", clip)
        expect(slider).to_have_value("2.5")
        expect(slider).to_be_disabled()
        send(page)
        page.wait_for_url(re.compile("/videos/"))
    (video,) = player.client.get("/api/videos").json()
    assert video["start_seconds"] == 2.5
