"""What no program sends on purpose: refused, and never our fault."""

import asyncio
import base64
import json
import re

import pytest

from anb.web.paging import encode
from support.browser_client import browser_client, form
from support.streaming import Clients
from support.worlds import World

NOW, NOBODY = "2026-01-01T00:00:00+00:00", "00000000-0000-0000-0000-000000000007"
CURSORS = [
    (float("inf"), NOW, NOBODY), (2**63, NOW, NOBODY), (-(2**63), NOW, NOBODY), (1.5, NOW, NOBODY),
    (0, "0001-01-01T00:00:00+23:59", NOBODY), (0, NOW, "no id"), (NOW, 7), (7,),
]  # fmt: skip


@pytest.mark.parametrize("path", ["/api/public/rankings", "/api/public/videos", "/ranking", "/"])
@pytest.mark.parametrize("key", CURSORS, ids=str)
def test_a_cursor_of_another_kind_is_refused(world: World, path: str, key: tuple[object, ...]) -> None:
    answer = world.client.get(path, params={"cursor": encode(key)})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-page")


@pytest.mark.parametrize(
    "path", ["/", "/videos/7", "/api/public/videos", "/api/public/rankings", "/api/no/such", "/me"]
)
@pytest.mark.parametrize("query", [b"\x80", b"city=\xff\xfe", b"q=\xed\xa0\x80"], ids=str)
def test_a_query_of_raw_bytes_is_read_as_if_they_were_escaped(world: World, path: str, query: bytes) -> None:
    """Clients escape these. Our server refuses them; another server may not."""
    raw = [(b"host", b"testserver"), (b"accept", b"text/html"), (b"cookie", b"anb=x")]
    statuses = [
        asyncio.run(Clients(world.client.app).taste("GET", path, sent, raw))[0]
        for sent in (query, re.sub(rb"[\x80-\xff]", lambda found: b"%%%02X" % found[0][0], query))
    ]
    assert statuses[0] == statuses[1] < 500


@pytest.mark.parametrize("origin", ["http://[", "null", "//", "https://testserver:x", "\xff"])
def test_an_origin_that_is_none_is_a_foreign_one(world: World, origin: str) -> None:
    answer = world.client.post("/signup", data=form(), headers=[(b"Origin", origin.encode("latin-1"))])
    assert answer.status_code == 403


def test_a_page_without_tls_cannot_send_forms_to_the_site_behind_it(world: World) -> None:
    for origin, status in [("http://testserver", 403), ("https://testserver", 303)]:
        sent = world.client.post("/signup", data=form(), headers={"Origin": origin}, follow_redirects=False)
        assert sent.status_code == status


@pytest.mark.parametrize("host", ["[", "a]b", "[::1", "\xff", "a b", "a/b", "a@b"])
@pytest.mark.parametrize("path", ["/", "/api/public/videos", "/api/videos", "/login"])
def test_a_host_that_is_none_is_refused(world: World, host: str, path: str) -> None:
    answer = world.client.get(path, headers=[(b"Host", host.encode("latin-1")), (b"Cookie", b"anb=x")])
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/api/videos", "/me"])
def test_a_token_whose_header_is_as_deep_as_a_well_is_no_token(world: World, path: str) -> None:
    token = base64.urlsafe_b64encode(b"[" * 12_000).decode() + ".e30.c2ln"
    assert world.client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401


UNREADABLE = ["Lucía\u202eanalO", "\u200b", "Lu\0cía", "Gol\U000e0067\U000e007f", "\u3164", "\ud800"]
READABLE = ["Şük\u200cran", "O’Neill-Ñandú", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "李", "Ana 🏀"]


class TestNames:
    @pytest.mark.parametrize(
        "name", ["Lucía\u202eanalO", "\u200b", "Lu\0cía", "Gol\U000e0067\U000e007f", "\u3164", "\ud800"]
    )
    @pytest.mark.parametrize("field", ["first_name", "last_name", "city", "country"])
    def test_a_name_nobody_can_read_is_refused_with_its_field(self, world: World, field: str, name: str) -> None:
        body = json.dumps(form(**{field: name}))
        refused = world.client.post("/api/auth/signup", content=body, headers={"Content-Type": "application/json"})
        assert refused.status_code == 400
        assert [one["field"] for one in refused.json()["errors"]] == [field]

    @pytest.mark.parametrize(
        "name", ["Şük\u200cran", "O’Neill-Ñandú", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "李", "Ana 🏀"]
    )
    def test_a_name_of_any_script_is_taken(self, world: World, name: str) -> None:
        made = world.client.post("/api/auth/signup", json=form(first_name=name, last_name=name))
        assert made.status_code == 201, made.text

    def test_a_names_direction_of_writing_stays_its_own(self, world: World) -> None:
        player = world.player("Ana Ríos")
        player.upload("\u05e9\u05dc\u05d5\u05dd 3-0")
        with browser_client(world, player) as page:
            shown = page.get("/me").text
        assert "<bdi>\u05e9\u05dc\u05d5\u05dd 3-0</bdi>" in shown
        assert "\u2068Ana\u2069" in shown
