"""HTTP as RFC 9110 defines it, checked at every endpoint: methods, slashes, codings, and whose address is used."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from pydantic import AnyHttpUrl
from starlette.requests import Request

from anb.settings.web import WebSettings
from anb.web.targets import site_address
from support.browser_client import HTML
from support.publishing import publish
from support.streaming import ELSEWHERE
from support.worlds import Player, World

DONE_ONCE = {
    "/api/auth/logout",
    "/api/me/export",
    "/api/me/erasure",
}  # the second answer differs
PAGES = ["/", "/ranking", "/rules", "/login", "/signup", "/api/docs", "/api/openapi.json"]


def addresses(world: World) -> Iterator[tuple[str, set[str]]]:
    """Yield each address of the web application's API, with what the document says there."""
    for path, operations in world.client.get("/api/openapi.json").json()["paths"].items():
        if path in ELSEWHERE:
            continue
        known = re.sub(r"\{\w+_id\}", str(UUID(int=7)), path.replace("{rendition}", "processed"))
        yield known, {method.upper() for method in operations}


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


class TestHead:
    def test_it_is_answered_wherever_get_is_with_the_same_head_and_no_body(
        self, world: World, organizer: Player
    ) -> None:
        headers = organizer.headers | {"Tus-Resumable": "1.0.0"}
        asked = [path for path, methods in addresses(world) if "GET" in methods] + PAGES
        assert len(asked) > 15
        for path in asked:
            whole, head = (world.client.request(method, path, headers=headers) for method in ("GET", "HEAD"))
            assert head.status_code == whole.status_code, path
            assert head.content == b"", path
            assert head.headers.get("content-type") == whole.headers.get("content-type"), path


class TestAllow:
    def test_every_405_says_what_there_is_instead(self, world: World) -> None:
        for path, methods in [*addresses(world), ("/", {"GET"}), ("/login", {"GET", "POST"})]:
            answer = world.client.request("LINK", path)
            assert answer.status_code == 405, path
            allowed = set(answer.headers["allow"].split(", "))
            assert methods | {"OPTIONS"} <= allowed, path
            assert ("HEAD" in allowed) >= ("GET" in methods), path
            for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed - methods)[:1]:
                assert world.client.request(method, path).status_code == 405, (method, path)

    def test_options_says_the_same(self, world: World) -> None:
        answer = world.client.options("/api/auth/login")
        assert (answer.status_code, answer.headers["allow"]) == (204, "OPTIONS, POST")
        assert world.client.options("/api/nothing").status_code == 404


class TestSlash:
    @pytest.mark.slow
    def test_a_path_with_one_at_its_end_is_the_path_without(self, world: World, organizer: Player) -> None:
        names = iter(f"Una V{number}" for number in range(20))
        for path, methods in addresses(world):
            for method in methods:
                body = b"" if method in {"GET", "HEAD"} else b"x"
                with_it, without = (
                    world.client.request(
                        method,
                        there,
                        headers=(world.player(next(names)) if path in DONE_ONCE else organizer).headers,
                        content=body,
                        follow_redirects=False,
                    )
                    for there in (path + "/", path)
                )
                assert with_it.status_code == without.status_code, (method, path)

    def test_a_body_and_a_query_come_along(self, world: World) -> None:
        player = world.player()
        made = world.client.post(
            "/api/videos/upload/",
            headers=player.headers,
            files={"video_file": ("clip.mp4", b"a clip", "video/mp4")},
            data={"title": "Triple"},
        )
        assert made.status_code == 201
        video_id = made.json()["video_id"]
        assert world.client.get(f"/api/videos/{video_id}/", headers=player.headers).json()["title"] == "Triple"
        page = world.client.get("/api/videos/?limit=0", headers=player.headers)
        assert page.json()["errors"][0]["field"] == "limit"

    @pytest.mark.parametrize("path", ["//elsewhere.example/", "//elsewhere.example", "/%2F%2Felsewhere.example/"])
    def test_it_leads_nowhere_else(self, world: World, path: str) -> None:
        answer = world.client.get("https://testserver" + path, follow_redirects=False)
        assert answer.status_code == 404
        assert "location" not in answer.headers


class TestCoding:
    @pytest.mark.parametrize("coding", ["gzip", "br", "identity, zstd", "made-up"])
    def test_a_coded_body_is_refused_and_told_what_is_taken(self, world: World, coding: str) -> None:
        answer = world.client.post("/api/auth/login", content=b"{}", headers={"Content-Encoding": coding})
        assert (answer.status_code, answer.json()["code"]) == (415, "unknown-coding")
        assert answer.headers["accept-encoding"] == "identity"

    @pytest.mark.parametrize("path", ["/login", "/signup", "/upload"])
    def test_people_read_a_page(self, world: World, path: str) -> None:
        answer = world.client.post(path, content=b"x", headers=HTML | {"Content-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "Envía el cuerpo sin comprimir" in answer.text

    def test_identity_is_no_coding(self, world: World) -> None:
        headers = {"Content-Encoding": "identity"}
        answer = world.client.post("/api/auth/login", json={"email": "a@b.co", "password": "x"}, headers=headers)
        assert answer.status_code == 401


class TestConditional:
    @pytest.mark.parametrize(
        "path", ["/api/public/videos", "/api/public/rankings", "/", "/ranking", "/api/openapi.json"]
    )
    def test_what_is_shared_is_not_sent_to_who_has_it(self, world: World, path: str) -> None:
        first = world.client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            again = world.client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["cache-control"] == first.headers["cache-control"]
            # A browser puts the headers of a 304 in the place of its copy's: another policy would block the style.
            policy = again.headers.get("content-security-policy", first.headers["content-security-policy"])
            assert policy == first.headers["content-security-policy"]
        assert world.client.head(path, headers={"If-None-Match": tag}).status_code == 304
        assert world.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200

    def test_a_list_that_changed_is_sent(self, world: World) -> None:
        tag = world.client.get("/api/public/rankings").headers["etag"]
        publish(world, world.player().upload())
        answer = world.client.get("/api/public/rankings", headers={"If-None-Match": tag})
        assert (answer.status_code, len(answer.json())) == (200, 1)

    def test_what_is_somebodys_own_has_no_validator(self, world: World) -> None:
        answer = world.client.get("/api/videos", headers=world.player().headers)
        assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)


class TestWhoseAddress:
    @pytest.mark.parametrize("host", ["", "evil.example/x", "a b", 'a"b', "user@evil.example", "a:b:c", "a'b"])
    def test_a_host_that_is_none_is_not_repeated(self, world: World, host: str) -> None:
        player = world.player()
        made = player.upload()
        shown = world.client.get(f"/api/videos/{made.video_id}", headers=player.headers | {"Host": host})
        assert shown.status_code == 400 or shown.json()["original_url"].startswith("/api/videos/")

    def test_a_request_without_one_gets_addresses_without_one(self) -> None:
        scope = {"type": "http", "headers": [], "server": ("/run/anb/web.sock", None), "path": "/", "scheme": "http"}
        assert site_address(Request(scope), WebSettings()) == ""
        assert site_address(Request(scope), WebSettings(public_url=AnyHttpUrl("https://anb.example/"))) == (
            "https://anb.example"
        )

    def test_one_that_can_be_is(self, world: World) -> None:
        player = world.player()
        made = player.upload()
        shown = world.client.get(f"/api/videos/{made.video_id}", headers=player.headers | {"Host": "[::1]:8080"}).json()
        assert shown["original_url"].startswith("https://[::1]:8080/api/videos/")


def test_signing_up_answers_what_the_clients_of_the_assignment_read(world: World) -> None:
    form = {
        "first_name": "Lucía",
        "last_name": "Ríos",
        "email": "L.R@example.com",
        "city": "Cali",
        "country": "Colombia",
    }
    answer = world.client.post(
        "/api/auth/signup", json=form | dict.fromkeys(("password1", "password2"), "balon-naranja-7")
    )
    made = answer.json()
    assert made["id"] == made["user_id"]
    assert {name: made[name] for name in form} == form | {"email": "l.r@example.com"}
    assert "password1" not in made
