"""Uploads that no longer exist: after any other answer the page keeps their address; after this one it begins anew."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from anb.settings import MIB
from support.browser import visiting
from support.site import PATIENCE, Person, Site
from support.uploading import begin, choose, finish, noted, padded, reload_midway, send
from support.waiting import looks

pytestmark = pytest.mark.browser

TUS = {"Tus-Resumable": "1.0.0"}
# Notes each request of the page: when, by its own clock, and whether it still knew the upload's address; and the
# number of requests without an answer.
LISTEN = """
[window.asked, window.open_ones] = [[], 0];
const open = XMLHttpRequest.prototype.open;
XMLHttpRequest.prototype.open = function (method, ...more) {
  const kept = Object.keys(localStorage).some((key) => key.startsWith("anb-pending:"));
  window.asked.push({ method, kept, seconds: Date.now() / 1000 });
  window.open_ones += 1;
  this.addEventListener("loadend", () => { window.open_ones -= 1; });
  return open.call(this, method, ...more);
};
"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip of twelve megabytes that the rules allow; its edit takes longer than our deletion."""
    return padded(tmp_path / "jugada larga.mp4", 12 * MIB, seconds=8)


@pytest.mark.parametrize("page_is", ["open", pytest.param("loaded again", marks=pytest.mark.slow)])
def test_a_finished_upload_whose_video_was_deleted_begins_anew(
    browser: Browser, site: Site, player: Person, clip: Path, page_is: str
) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = visitor.page, reload_midway(visitor, clip)
        before = finish(player, seen.place, clip)
        assert player.client.delete(f"/api/videos/{before}").status_code == 200
        assert player.client.head(seen.place, headers=TUS).status_code == 410
        asked = len(seen.methods)
        if page_is == "loaded again":
            page.reload()
            page.get_by_label("Título").fill("Bandeja de espaldas")
        choose(page, "Video", clip)
        send(page)
        page.wait_for_url(re.compile("/videos/"))
    assert "POST" in seen.methods[asked:]
    (video,) = player.client.get("/api/videos").json()
    assert video["video_id"] != before
    told = player.client.get(f"/api/videos/{video['video_id']}").json()
    assert player.client.get(told["original_url"]).content == clip.read_bytes()


def questions(page: Page, more_than: int) -> list[dict[str, Any]]:
    """Advance the page's clock until it has asked this often; not during a request, which takes real time."""
    for asked in looks(lambda: page.evaluate("window.asked"), PATIENCE, page=page):
        if len(asked) > more_than:
            return list(asked)
        if page.evaluate("window.open_ones") == 0:
            page.clock.run_for(1000)
    raise AssertionError


def failing(statuses: Iterator[int]) -> Any:
    """Answer requests with these statuses, one after another (0: with none); then let them through."""

    def handle(route: Route) -> None:
        status = next(statuses, None)
        if status is None:
            route.continue_()
        elif status:
            route.fulfill(status=status, body="")
        else:
            route.abort()

    return handle


@pytest.mark.slow
def test_each_wait_is_longer_and_the_place_is_kept_until_it_is_gone(
    browser: Browser, site: Site, player: Person, clip: Path
) -> None:
    failures = [500, 502, 503, 504, 423, 0, 408, 500, 503]
    waits = [0, 1, 2, 4, 8, 15, 30, 30]  # minimum seconds between two attempts
    with visiting(browser, site, player) as visitor:
        visitor.page.add_init_script(LISTEN)
        page, seen = begin(visitor, clip), noted(visitor.page)
        page.route(re.compile("/api/uploads/"), failing(iter(failures)))
        page.clock.install()
        send(page)
        created, *tried = questions(page, len(failures))
        assert (created["method"], len(tried)) == ("POST", len(failures))
        assert all(one["kept"] for one in tried)
        times = [one["seconds"] for one in tried]
        gaps = [after - before for before, after in pairwise(times)]
        assert all(gap >= wait for gap, wait in zip(gaps, waits, strict=True)), gaps
        assert player.client.delete(seen.place, headers=TUS).status_code == 204
        last = questions(page, 1 + len(failures))[1 + len(failures)]
        assert (last["method"], last["kept"]) == ("HEAD", True)
        page.wait_for_url(re.compile("/videos/"))
    assert seen.methods.count("POST") == 2
    assert len(player.client.get("/api/videos").json()) == 1
