"""What is noted of sign-ups, sign-ins and votes, the cookie of a device, and what a vote costs more."""

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from anb.signals.service import mailbox_mark
from anb.web.device_cookie import KEPT_SECONDS
from support.browser_client import OURS, form, published
from support.callers import HOME, calling, sign_in, sign_up, voted
from support.worlds import World

DEVICE = "__Host-anb-device"


def noted(world: World) -> list[tuple[str, bool, bool]]:
    with world.uow() as uow:
        rows = uow.execute(text("select act, device <> '', block <> '' from signals order by act, first_seen"))
        return [tuple(row) for row in rows]


def marks(world: World, column: str) -> set[str]:
    with world.uow() as uow:
        return set(uow.execute(text(f"select {column} from signals")).scalars())  # noqa: S608


def cookie(answer: httpx.Response) -> Any:
    given = [SimpleCookie(line) for line in answer.headers.get_list("set-cookie")]
    return next((each[DEVICE] for each in given if DEVICE in each), None)


def browser(world: World) -> TestClient:
    with calling(world) as client:
        client.headers.update(OURS)
        client.follow_redirects = False
        return client


def ballot(page: httpx.Response) -> dict[str, str]:
    """Return the fields of the form of a clip's page."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page.text))


class TestActs:
    def test_a_browser_that_signs_up_in_and_votes_is_one_device_of_one_network(self, world: World) -> None:
        clip, client, word = published(world, world.player()), browser(world), form()
        for page in ("/signup", "/login"):
            assert client.get(page).status_code == 200
        assert client.post("/signup", data=word).status_code in {200, 303}
        entered = client.post("/login", data={"email": word["email"], "password": word["password1"]})
        assert entered.status_code == 303, entered.text
        assert client.post(f"/videos/{clip}/vote", data=ballot(client.get(f"/videos/{clip}"))).status_code == 303
        assert noted(world) == [("sign-in", True, True), ("sign-up", True, True), ("vote", True, True)]
        assert len(marks(world, "device")) == len(marks(world, "block")) == 1

    def test_a_program_that_keeps_no_cookies_has_a_network_and_no_device(self, world: World) -> None:
        clip = published(world, world.player())
        with calling(world) as client:
            made = sign_up(client, "ana@example.com").json()
            assert sign_in(client, "ana@example.com").status_code == 200
            assert voted(client, made["user_id"], clip) == 200
        assert noted(world) == [("sign-in", False, True), ("sign-up", False, True), ("vote", False, True)]

    @pytest.mark.parametrize("given", ["", "1.2", "another clip's", "yesterday's"])
    def test_a_vote_without_the_mark_of_the_clips_page_is_a_programs(self, world: World, given: str) -> None:
        player, client = world.player(), browser(world)
        clip, other = published(world, player), published(world, player, "Otro")
        client.get("/login")
        client.cookies.set("__Host-anb", world.open(world.player("Ana Paz").id).secret)
        if given == "yesterday's":
            mark = ballot(client.get(f"/videos/{clip}"))["opened"]
            world.clock.ahead += timedelta(hours=13)
        else:
            mark = ballot(client.get(f"/videos/{other}"))["opened"] if given == "another clip's" else given
        assert client.post(f"/videos/{clip}/vote", data={"opened": mark}).status_code == 303
        assert noted(world) == [("vote", False, True)]

    def test_of_an_exempt_or_unknown_network_nothing_is_noted(self, world: World) -> None:
        with calling(world, HOME, rate_exempt_networks=f"{HOME}/32") as client:
            assert sign_up(client).status_code == 201
        world.player()
        assert noted(world) == []

    def test_what_comes_again_updates_its_row_once_an_hour(self, world: World) -> None:
        with calling(world) as client:
            sign_up(client, "ana@example.com")
            for hours in (0, 2):
                with world.uow() as uow:
                    moved = "update signals set last_seen = last_seen - make_interval(hours => :hours)"
                    uow.execute(text(moved), {"hours": hours})
                assert sign_in(client, "ana@example.com").status_code == 200
        with world.uow() as uow:
            fresh = uow.execute(text("select last_seen > now() - interval '1 hour' from signals where act = 'sign-in'"))
            assert list(fresh.scalars()) == [True]

    def test_the_mark_of_the_mailbox_is_that_of_the_last_sign_in(self, world: World) -> None:
        with calling(world) as client:
            for email in ("lu.cia+a@gmail.com", "lucia+b@googlemail.com"):
                sign_up(client, email)
                assert sign_in(client, email).status_code == 200
        with world.uow() as uow:
            kept = set(uow.execute(text("select mark from mailboxes")).scalars())
        assert kept == {mailbox_mark(world.ports.tokens, "lucia@gmail.com")}

    def test_a_vote_that_is_refused_is_not_noted(self, world: World) -> None:
        clip = published(world, world.player())
        with calling(world) as client:
            voter = world.player("Ana Paz")
            assert [voted(client, voter.id, clip) for _ in range(2)] == [200, 400]
            with world.uow() as uow:
                uow.execute(text("delete from signals"))
            assert voted(client, voter.id, clip) == 400
        assert noted(world) == []


class TestCookie:
    @pytest.mark.parametrize("page", ["/signup", "/login"])
    def test_its_attributes(self, world: World, page: str) -> None:
        answer = browser(world).get(page)
        given = cookie(answer)
        assert given["httponly"]
        assert given["secure"]
        assert given["samesite"].lower() == "lax"
        assert (given["path"], given["domain"], int(given["max-age"])) == ("/", "", KEPT_SECONDS)
        assert answer.headers["cache-control"] == "private, no-store"

    def test_each_browser_gets_one_of_its_own_and_keeps_it(self, world: World) -> None:
        client, other = browser(world), browser(world)
        first = cookie(client.get("/login")).value
        assert cookie(client.get("/signup")) is None
        assert cookie(other.get("/login")).value != first

    @pytest.mark.parametrize("page", ["/", "/ranking", "/privacy", "/rules", "/api/public/videos"])
    def test_pages_that_caches_share_give_none(self, world: World, page: str) -> None:
        assert cookie(browser(world).get(page)) is None

    @pytest.mark.parametrize("value", ["", "invented", "invented.", ".", "invented.0123abcd", "x" * 3000])
    def test_an_invented_one_counts_as_none_and_is_replaced(self, world: World, value: str) -> None:
        client = browser(world)
        client.cookies.set(DEVICE, value)
        assert sign_up(client).status_code == 201
        assert marks(world, "device") == {""}
        client.cookies.clear()
        client.cookies.set(DEVICE, value)
        assert cookie(client.get("/login")) is not None

    def test_its_value_is_nowhere_in_the_database(self, world: World) -> None:
        client = browser(world)
        value = cookie(client.get("/signup")).value
        assert sign_up(client).status_code == 201
        [kept] = marks(world, "device")
        assert kept
        assert kept not in value
        assert value.partition(".")[0] not in kept


def test_a_vote_runs_one_statement_more(world: World) -> None:
    clip = published(world, world.player())
    said: list[str] = []
    with calling(world) as client:
        voter = world.player("Ana Paz")

        def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
            said.append(statement)

        for engine in (world.database.engine, world.database._reader):
            event.listen(engine, "before_cursor_execute", hear)
        try:
            assert voted(client, voter.id, clip) == 200
        finally:
            for engine in (world.database.engine, world.database._reader):
                event.remove(engine, "before_cursor_execute", hear)
    ours = [each for each in said if "signals" in each or "mailboxes" in each or "cluster" in each]
    assert len(ours) == 1
    assert ours[0].strip().lower().startswith("insert into signals")
