"""Where an account is signed in, and how its owner ends that."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from anb.db.tables_sessions import sessions as rows
from anb.sessions.domain import SessionKind
from support.browser_client import browser_client, published
from support.worlds import Player, World

PATH = "/api/me/sessions"


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def status(world: World, secret: str) -> int:
    return world.client.get("/api/videos", headers={"Cookie": f"__Host-anb={secret}"}).status_code


def age(world: World, passed: timedelta, *columns: str) -> None:
    """Let time pass for all sessions."""
    with world.uow() as uow:
        uow.execute(update(rows).values({name: rows.c[name] - passed for name in columns}))
        uow.recent.forget(lambda _: True)


class TestList:
    def test_it_names_each_session_of_the_caller_and_the_current_one(self, world: World, player: Player) -> None:
        browser = world.open(player.id)
        world.open(world.player("Ana Otra").id)
        listed = world.client.get(PATH, headers=player.headers).json()
        assert [(one["id"] == str(browser.id), one["kind"], one["current"]) for one in listed] == [
            (True, "browser", False),
            (False, "program", True),
        ]
        assert {one["device"] for one in listed} == {"Firefox/Linux"}
        assert "secret" not in str(listed)

    def test_nobody_has_none(self, world: World) -> None:
        assert world.client.get(PATH).status_code == 401


class TestEnd:
    def test_one_ends(self, world: World, player: Player) -> None:
        one, other = world.open(player.id), world.open(player.id)
        assert world.client.delete(f"{PATH}/{one.id}", headers=player.headers).status_code == 204
        assert (status(world, one.secret), status(world, other.secret)) == (401, 200)
        again = world.client.delete(f"{PATH}/{one.id}", headers=player.headers)
        assert (again.status_code, again.json()["code"]) == (404, "session-not-found")

    def test_anothers_does_not(self, world: World, player: Player) -> None:
        theirs = world.open(world.player("Ana Otra").id)
        assert world.client.delete(f"{PATH}/{theirs.id}", headers=player.headers).status_code == 404
        assert world.client.delete(f"{PATH}/{uuid4()}", headers=player.headers).status_code == 404
        assert status(world, theirs.secret) == 200

    def test_all_others_end(self, world: World, player: Player) -> None:
        others = [world.open(player.id), world.open(player.id, SessionKind.PROGRAM)]
        answer = world.client.delete(PATH, headers=player.headers)
        assert (answer.status_code, answer.json()) == (200, {"ended": 2})
        assert status(world, others[0].secret) == 401
        assert world.client.get(PATH, headers=player.headers).status_code == 200
        with world.uow() as uow:
            reasons = uow.execute(select(rows.c.reason).where(rows.c.state == "ended")).scalars().all()
        assert reasons == ["signed-out-elsewhere"] * 2

    @pytest.mark.parametrize("path", [PATH, f"{PATH}/{UUID(int=7)}"])
    def test_a_stolen_session_ends_no_other(self, world: World, player: Player, path: str) -> None:
        age(world, timedelta(minutes=16), "authenticated_at")
        refused = world.client.delete(path, headers=player.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")


class TestRenewal:
    def test_a_page_renews_session_and_cookie_once_a_day(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            secret = visitor.cookies["__Host-anb"]
            assert "set-cookie" not in visitor.get("/me").headers
            age(world, timedelta(days=25), "opened_at", "seen_at", "expires_at", "last_expires_at")
            cookie = visitor.get("/me").headers["set-cookie"]
            assert cookie.startswith(f"__Host-anb={secret};")
            seconds = int(cookie.partition("Max-Age=")[2].partition(";")[0])
            assert 30 * 24 * 3600 - 10 < seconds <= 30 * 24 * 3600
            assert "HttpOnly" in cookie
            assert "Secure" in cookie
            assert "set-cookie" not in visitor.get("/me").headers
            age(world, timedelta(days=25), "opened_at", "seen_at", "expires_at", "last_expires_at")
            assert visitor.get("/me").status_code == 200

    def test_a_redirect_renews_it_too(self, world: World, player: Player) -> None:
        clip = published(world, world.player("Ana Otra"))
        with browser_client(world, player) as visitor:
            age(world, timedelta(days=2), "seen_at")
            voted = visitor.post(f"/videos/{clip}/vote")
        assert (voted.status_code, "Max-Age" in voted.headers["set-cookie"]) == (303, True)

    def test_near_the_end_the_cookie_lives_no_longer_than_the_session(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            age(world, timedelta(days=21), "seen_at", "expires_at")
            age(world, timedelta(days=80), "last_expires_at")
            cookie = visitor.get("/me").headers["set-cookie"]
        assert int(cookie.partition("Max-Age=")[2].partition(";")[0]) <= 10 * 24 * 3600

    def test_one_that_ends_meanwhile_is_not_renewed(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("anb.sessions.store.renew", lambda *_: None)
        with browser_client(world, player) as visitor:
            age(world, timedelta(days=2), "seen_at")
            assert "set-cookie" not in visitor.get("/me").headers

    def test_the_api_renews_nothing(self, world: World, player: Player) -> None:
        age(world, timedelta(days=2), "seen_at")
        assert "set-cookie" not in world.client.get(PATH, headers=player.headers).headers
