"""Pages of another site in a real browser: the one that an operator names can use the whole API, any other nothing."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from support.browser import visiting
from support.site import OTHER_ORIGIN, Site, short_clip

pytestmark = pytest.mark.browser

STRANGER = "http://strangers.localhost"
# What another site's page does with plain browser APIs: sign in, page through a list, upload in two chunks,
# follow the job and the lists live, and read the refusals of the application and of nginx.
LISTS = """async (site) => {
    const answer = await fetch(site + "/api/public/videos?limit=1", {headers: {"If-None-Match": '"x"'}});
    return {status: answer.status, tag: answer.headers.get("ETag"), total: answer.headers.get("X-Total-Count")};
}"""
SIGN_IN = """async ([site, email, password]) => {
    const answer = await fetch(site + "/api/auth/login", {
        method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({email, password}),
    });
    return (await answer.json()).access_token;
}"""
UPLOAD = """async ([site, token, clip]) => {
    const bytes = Uint8Array.from(atob(clip), (letter) => letter.charCodeAt(0));
    const headers = {"Tus-Resumable": "1.0.0", Authorization: "Bearer " + token};
    const made = await fetch(site + "/api/uploads", {
        method: "POST",
        headers: {...headers, "Upload-Length": bytes.length, "Upload-Metadata": "title " + btoa("De otro sitio")},
    });
    const place = new URL(made.headers.get("Location"), site).href;
    const half = Math.floor(bytes.length / 2);
    const chunk = {...headers, "Content-Type": "application/offset+octet-stream"};
    const first = await fetch(place, {
        method: "PATCH", headers: {...chunk, "Upload-Offset": "0"}, body: bytes.slice(0, half),
    });
    const asked = await fetch(place, {method: "HEAD", headers});
    const offset = asked.headers.get("Upload-Offset");
    const last = await fetch(place, {
        method: "PATCH", headers: {...chunk, "Upload-Offset": offset}, body: bytes.slice(Number(offset)),
    });
    const task = last.headers.get("Anb-Task-Id");
    const again = {Authorization: headers.Authorization, "Last-Event-ID": "before"};
    const live = await fetch(site + "/api/jobs/" + task + "/events", {headers: again});
    const said = new TextDecoder().decode((await live.body.getReader().read()).value);
    return {statuses: [made.status, first.status, asked.status, last.status, live.status], offset, half, said};
}"""
LIVE = """(site) => new Promise((resolve, reject) => {
    const lists = new EventSource(site + "/api/public/events");
    lists.addEventListener("lists", (event) => { lists.close(); resolve(JSON.parse(event.data)); });
    lists.onerror = () => { lists.close(); reject(new Error("not let in")); };
})"""
REFUSED = """async (site) => {
    const unnamed = await fetch(site + "/api/videos");
    const large = await fetch(site + "/api/auth/login", {method: "POST", body: new Uint8Array(100000)});
    return [unnamed.status, (await unnamed.json()).code, large.status, (await large.json()).code];
}"""
TRIES = """async (site) => {
    try { await fetch(site + "/api/public/videos"); return "let in"; } catch (error) { return error.name; }
}"""


@contextmanager
def page_of(browser: Browser, site: Site, origin: str) -> Iterator[Page]:
    """Open a page that another site serves."""
    with visiting(browser, site) as visitor:
        visitor.page.context.grant_permissions(["local-network-access"], origin=origin)  # or Chromium asks people
        visitor.page.route(f"{origin}/**", lambda route: route.fulfill(content_type="text/html", body=""))
        visitor.page.goto(f"{origin}/")
        yield visitor.page


def test_a_named_site_lists_and_reads_what_is_refused(browser: Browser, site: Site) -> None:
    with page_of(browser, site, OTHER_ORIGIN) as page:
        listed: dict[str, Any] = page.evaluate(LISTS, site.url)
        assert listed["status"] == 200
        assert listed["tag"]

        assert int(listed["total"]) >= 0
        assert page.evaluate(REFUSED, site.url) == [401, "not-signed-in", 413, "body-too-large"]


def test_a_named_site_uploads_in_chunks_and_follows_live(browser: Browser, site: Site) -> None:
    player = site.player("Mateo")
    clip = short_clip().read_bytes()
    with page_of(browser, site, OTHER_ORIGIN) as page:
        token = page.evaluate(SIGN_IN, [site.url, player.email, player.password])
        found: dict[str, Any] = page.evaluate(UPLOAD, [site.url, token, b64encode(clip).decode()])
        assert found["statuses"] == [201, 204, 200, 204, 200]
        assert int(found["offset"]) == found["half"]
        assert "retry:" in found["said"]
        assert "version" in page.evaluate(LIVE, site.url)


def test_a_site_that_nobody_named_gets_nothing(browser: Browser, site: Site) -> None:
    with page_of(browser, site, STRANGER) as page:
        assert page.evaluate(TRIES, site.url) == "TypeError"
        with pytest.raises(Exception, match="not let in"):
            page.evaluate(LIVE, site.url)
