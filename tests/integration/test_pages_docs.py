"""The API's page: Redoc, from our own files, under a policy that is wider by two styles only."""

import base64
import hashlib
import re

from anb.pages.docs import STYLES
from support.browser_client import browser_client
from support.worlds import World


def test_it_is_served_with_all_it_loads(world: World) -> None:
    with browser_client(world) as visitor:
        page = visitor.get("/api/docs")
        assert page.status_code == 200
        assert 'data-description="/api/openapi.json"' in page.text
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page.text)
        assert {path.rpartition("/")[2] for path in loaded} >= {"docs.js", "redoc.js", "site.css"}
        assert all(visitor.get(path).status_code == 200 for path in loaded)
        assert visitor.head("/api/docs").status_code == 200


def test_its_policy_is_wider_by_two_styles_and_images_in_themselves(world: World) -> None:
    with browser_client(world) as visitor:
        here, there = (visitor.get(path).headers["Content-Security-Policy"] for path in ("/api/docs", "/"))
    assert here == there.replace("style-src 'self'", f"style-src 'self' {' '.join(STYLES)}").replace(
        "img-src 'self'", "img-src 'self' data:"
    )
    assert "unsafe" not in here


def test_one_of_the_styles_is_the_empty_one() -> None:
    assert f"'sha256-{base64.b64encode(hashlib.sha256(b'').digest()).decode()}'" in STYLES


def test_who_has_no_script_is_sent_to_the_document(world: World) -> None:
    with browser_client(world) as visitor:
        page = visitor.get("/api/docs").text
    assert re.search(r"<noscript><p>[^<]+</p></noscript>", page)
    assert '<a href="/api/openapi.json">' in page
