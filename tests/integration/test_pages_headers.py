"""The headers of pages, and what people see when a page cannot be shown."""

from uuid import UUID

import pytest

from anb.contest import service as contest
from anb.pages.assets import VERSION
from support.browser_client import browser_client
from support.worlds import World

NOBODY = UUID("0198c0de-0000-7000-8000-000000000007")


class TestHeaders:
    def test_a_page_allows_nothing_but_ourselves(self, world: World) -> None:
        with browser_client(world) as visitor:
            headers = visitor.get("/").headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
            "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"

    def test_nobodys_page_may_be_shared_by_language_and_session(self, world: World) -> None:
        with browser_client(world) as visitor:
            headers = visitor.get("/ranking").headers
        assert headers["Cache-Control"] == "public, max-age=5"
        assert headers["Vary"] == "Accept-Language, Cookie"

    def test_somebodys_page_is_kept_by_nobody(self, world: World) -> None:
        with browser_client(world, world.player()) as player:
            assert player.get("/").headers["Cache-Control"] == "private, no-store"

    def test_a_page_speaks_the_readers_language(self, world: World) -> None:
        with browser_client(world) as visitor:
            spanish = visitor.get("/").text
            english = visitor.get("/", headers={"Accept-Language": "en-GB,en;q=0.9,es;q=0.1"}).text
        assert '<html lang="es">' in spanish
        assert "Vota por la próxima estrella" in spanish
        assert '<html lang="en">' in english
        assert "Vote for the next star" in english

    def test_a_page_answers_head(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert [visitor.head(path).status_code for path in ("/", "/ranking", "/rules", "/login")] == [200] * 4

    def test_an_asset_is_kept_for_ever_under_its_own_version_only(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert "immutable" in visitor.get(f"/static/{VERSION}/site.css").headers["Cache-Control"]
            assert visitor.get("/static/another/site.css").headers["Cache-Control"] == "no-cache"
            assert visitor.get(f"/static/{VERSION}/nothing.css").status_code == 404


class TestTrouble:
    @pytest.mark.parametrize("path", ["/no/such/page", "/videos/not-an-id", f"/videos/{NOBODY}"])
    def test_what_is_not_there_is_a_page_for_people(self, world: World, path: str) -> None:
        with browser_client(world) as visitor:
            page = visitor.get(path)
        assert page.status_code == 404
        assert "Airball" in page.text
        assert page.headers["Cache-Control"] == "private, no-store"

    def test_programs_get_a_problem_document(self, world: World) -> None:
        with browser_client(world) as visitor:
            for path, accept in (("/no/such/page", "application/json"), ("/api/no/such", "text/html")):
                problem = visitor.get(path, headers={"Accept": accept})
                assert problem.status_code == 404
                assert problem.headers["content-type"] == "application/problem+json"

    def test_a_fault_of_ours_is_a_page_that_tells_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def break_down(*_: object) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr(contest, "list_clips", break_down)
        with browser_client(world) as visitor:
            page = visitor.get("/")
        assert page.status_code == 500
        assert "Tiempo fuera" in page.text
        assert "secret detail" not in page.text

    def test_a_page_number_that_is_none_is_refused_on_a_page(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.get("/?cursor=%%%")
        assert page.status_code == 400
        assert "No se pudo" in page.text
