"""Refresh tokens of programs: each is good for one exchange, and an old one in use ends the session."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.db.tables_sessions import sessions as rows
from anb.sessions import service as sessions
from anb.sessions.domain import MOST_PROGRAMS, EndReason, SessionKind
from support.worlds import Player, World

WORD = "balon-naranja-7"


class Program(NamedTuple):
    """A client of the API that has signed in."""

    client: TestClient
    player: Player
    tokens: dict[str, Any]

    def exchange(self, refresh_token: str) -> dict[str, Any]:
        """Exchange a refresh token; return the answer."""
        answer = self.client.post("/api/auth/refresh", json={"refresh_token": refresh_token})
        return {"status": answer.status_code} | (answer.json() if answer.content else {})

    def status(self, tokens: dict[str, Any]) -> int:
        """Use an access token."""
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return self.client.get("/api/videos", headers=headers).status_code


@pytest.fixture
def program(world: World) -> Program:
    player = world.player()
    answer = world.client.post("/api/auth/login", json={"email": player.email, "password": WORD})
    return Program(world.client, player, answer.json())


def pass_time(world: World, passed: timedelta) -> None:
    """Let time pass for all sessions."""
    times = (rows.c.opened_at, rows.c.rotated_at, rows.c.seen_at, rows.c.expires_at, rows.c.last_expires_at)
    with world.uow() as uow:
        uow.execute(update(rows).values({each: each - passed for each in times}))
        uow.recent.forget(lambda _: True)


def reasons(world: World, player: Player) -> list[str]:
    with world.uow() as uow:
        ended = select(rows.c.reason).where(rows.c.account_id == player.id, rows.c.state == "ended")
        return list(uow.execute(ended).scalars())


class TestExchange:
    def test_it_answers_the_next_tokens_of_the_same_session(self, world: World, program: Program) -> None:
        first = program.tokens
        assert first["refresh_expires_in"] == 30 * 24 * 3600
        second = program.exchange(first["refresh_token"])
        assert second["status"] == 200
        assert (second["token_type"], second["expires_in"]) == ("Bearer", 3600)
        assert second["refresh_token"] != first["refresh_token"]
        assert len(second["refresh_token"]) == len(first["refresh_token"])
        assert 30 * 24 * 3600 - 5 <= second["refresh_expires_in"] <= 30 * 24 * 3600
        assert program.status(first) == program.status(second) == 200
        claims = [world.ports.tokens.read(tokens["access_token"]) for tokens in (first, second)]
        assert len({each.session_id for each in claims if each}) == 1

    def test_it_lets_the_session_live_on_but_not_beyond_ninety_days(self, world: World, program: Program) -> None:
        tokens = program.tokens
        for _ in range(3):
            pass_time(world, timedelta(days=29))
            tokens = program.exchange(tokens["refresh_token"])
        assert tokens["refresh_expires_in"] <= 3 * 24 * 3600
        pass_time(world, timedelta(days=3))
        assert program.exchange(tokens["refresh_token"])["code"] == "refresh-refused"

    def test_a_strong_session_gives_strong_tokens(self, world: World, program: Program) -> None:
        claims = world.ports.tokens.read(program.tokens["access_token"])
        assert claims is not None
        assert claims.session_id is not None
        with world.uow() as uow:
            sessions.mark_strong(uow, claims.session_id)
        refreshed = world.ports.tokens.read(program.exchange(program.tokens["refresh_token"])["access_token"])
        assert refreshed is not None
        assert refreshed.strong

    @pytest.mark.parametrize("word", ["", "x", "x" * 65, "ñ" * 65])
    def test_what_is_no_refresh_token_is_401(self, program: Program, word: str) -> None:
        assert program.exchange(word)["status"] == 401

    def test_a_cookie_and_an_access_token_are_none(self, world: World, program: Program) -> None:
        cookie = world.open(program.player.id).secret
        for secret in (cookie, program.tokens["access_token"][:200]):
            assert program.exchange(secret)["status"] == 401

    def test_too_many_are_slowed_down(self, world: World, program: Program) -> None:
        world.change(rate_refresh="2/minute", rate_exempt_networks="")
        assert [program.exchange("x")["status"] for _ in range(3)] == [401, 401, 429]


class TestReuse:
    def test_an_old_token_ends_the_session_and_all_its_tokens(self, world: World, program: Program) -> None:
        second = program.exchange(program.tokens["refresh_token"])
        third = program.exchange(second["refresh_token"])
        stolen = program.exchange(program.tokens["refresh_token"])
        assert (stolen["status"], stolen["code"]) == (401, "refresh-refused")
        assert [program.status(tokens) for tokens in (program.tokens, second, third)] == [401] * 3
        assert program.exchange(third["refresh_token"])["status"] == 401
        assert reasons(world, program.player) == ["refresh-reused"]

    def test_a_lost_answer_is_given_again(self, program: Program) -> None:
        lost = program.exchange(program.tokens["refresh_token"])
        again = program.exchange(program.tokens["refresh_token"])
        assert again["refresh_token"] == lost["refresh_token"]
        assert program.exchange(again["refresh_token"])["status"] == 200

    def test_but_only_for_half_a_minute(self, world: World, program: Program) -> None:
        program.exchange(program.tokens["refresh_token"])
        pass_time(world, timedelta(seconds=31))
        assert program.exchange(program.tokens["refresh_token"])["status"] == 401
        assert reasons(world, program.player) == ["refresh-reused"]

    def test_other_sessions_are_left_alone(self, world: World, program: Program) -> None:
        other = world.open(program.player.id, SessionKind.PROGRAM)
        second = program.exchange(program.tokens["refresh_token"])
        program.exchange(second["refresh_token"])
        program.exchange(program.tokens["refresh_token"])
        assert program.exchange(other.secret)["status"] == 200

    def test_two_at_once_get_the_same(self, program: Program) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(program.exchange, [program.tokens["refresh_token"]] * 8))
        assert {answer["status"] for answer in answers} == {200}
        assert len({answer["refresh_token"] for answer in answers}) == 1


class TestEnd:
    def test_signing_out_ends_access_and_refresh_tokens(self, world: World, program: Program) -> None:
        headers = {"Authorization": f"Bearer {program.tokens['access_token']}"}
        answer = world.client.post("/api/auth/logout", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert program.status(program.tokens) == 401
        assert program.exchange(program.tokens["refresh_token"])["status"] == 401
        assert world.client.post("/api/auth/logout", headers=headers).status_code == 401
        assert reasons(world, program.player) == ["signed-out"]

    def test_a_token_from_before_sessions_ends_too(self, world: World, program: Program) -> None:
        headers = {"Authorization": f"Bearer {world.ports.tokens.issue(program.player.id)}"}
        assert world.client.post("/api/auth/logout", headers=headers).status_code == 204
        assert world.client.get("/api/videos", headers=headers).status_code == 401
        assert program.status(program.tokens) == 200

    def test_another_role_ends_all_and_the_same_role_none(self, world: World, program: Program) -> None:
        for role, status in ((Role.PLAYER, 200), (Role.JUROR, 401)):
            with world.uow() as uow:
                accounts.give_role(uow, program.player.email, role)
            assert program.status(program.tokens) == status

    def test_a_removed_account_is_signed_in_nowhere(self, world: World, program: Program) -> None:
        with world.uow() as uow:
            assert sessions.end_all(uow, program.player.id, EndReason.ACCOUNT_REMOVED) == 2
        assert program.status(program.tokens) == 401

    def test_of_many_programs_the_least_used_end_once_their_access_tokens_have(
        self, world: World, program: Program
    ) -> None:
        def opened() -> UUID:
            return world.open(program.player.id, SessionKind.PROGRAM).id

        early = [opened() for _ in range(MOST_PROGRAMS)]
        browser = world.open(program.player.id).id
        with world.uow() as uow:
            assert len(sessions.list_open(uow, program.player.id)) == MOST_PROGRAMS + 3
        pass_time(world, timedelta(hours=2))
        assert program.exchange(program.tokens["refresh_token"])["status"] == 200
        late = opened()
        with world.uow() as uow:
            left = {session.id for session in sessions.list_open(uow, program.player.id)}
        assert {late, browser, early[-1]} <= left
        assert early[0] not in left
        assert len(left) == MOST_PROGRAMS + 2  # the newest, the one that was just opened, and the browser
        assert set(reasons(world, program.player)) == {"surplus"}
