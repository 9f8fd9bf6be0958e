"""The check of a session: one indexed read, and what it tells about the caller."""

import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, text, update

from anb.db.tables_sessions import sessions as rows
from anb.ports import AccessClaims
from anb.sessions import service as sessions
from anb.sessions.check import StoredSessions
from anb.sessions.domain import SessionKind
from support.leaving import erase
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def numbered(statement: str) -> str:
    """Write a statement's parameters as EXPLAIN (GENERIC_PLAN) reads them: $1, $2 …"""
    numbers = itertools.count(1)
    return re.sub(r"%\(\w+\)s(::\w+)?", lambda found: f"${next(numbers)}{found[1] or ''}", statement)


class TestCaller:
    def test_what_was_proved_in_a_session_is_known_with_the_next_request(self, world: World, player: Player) -> None:
        check, opened = StoredSessions(world.database, world.ports.lifetimes), world.open(player.id)
        with world.uow() as uow:
            earlier = {name: rows.c[name] - timedelta(days=2) for name in ("seen_at", "authenticated_at")}
            uow.execute(update(rows).values(earlier))
        before = check.find_cookie(opened.secret)
        assert before is not None
        assert (before.account_id, before.session_id, before.strong) == (player.id, opened.id, False)
        assert before.renewal_due
        assert before.authenticated_at is not None
        with world.uow() as uow:
            sessions.mark_strong(uow, opened.id)
            sessions.mark_authenticated(uow, opened.id)
            sessions.renew(uow, world.ports, opened.id)
        claims = AccessClaims(player.id, opened.id, strong=False, issued_at=datetime.now(UTC))
        after = check.check(claims)
        assert after is not None
        assert (after.strong, after.renewal_due) == (True, False)
        assert after.authenticated_at is not None
        assert after.authenticated_at - before.authenticated_at > timedelta(days=1)
        assert check.recent(claims) == after

    def test_no_token_of_an_erased_account_is_accepted_whenever_it_was_issued(
        self, world: World, player: Player
    ) -> None:
        check, later = StoredSessions(world.database, world.ports.lifetimes), datetime.now(UTC) + timedelta(minutes=1)
        claims = AccessClaims(player.id, None, strong=False, issued_at=later)
        assert check.check(claims) is not None
        erase(world, player)
        assert check.check(claims) is None

    def test_a_session_that_ends_because_there_are_too_many_is_over_for_the_next_request(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sessions, "MOST_PROGRAMS", 1)
        check = StoredSessions(world.database, world.ports.lifetimes)
        early = [world.open(player.id, SessionKind.PROGRAM) for _ in range(2)]
        with world.uow() as uow:
            uow.execute(update(rows).values(opened_at=rows.c.opened_at - timedelta(days=1)))
        claims = [AccessClaims(player.id, one.id, strong=False, issued_at=datetime.now(UTC)) for one in early]
        assert None not in [check.check(each) for each in claims]
        world.open(player.id, SessionKind.PROGRAM)
        assert [check.recent(each) is None for each in claims] == [True, False]

    def test_an_exchange_of_tokens_renews_for_the_next_request_too(self, world: World, player: Player) -> None:
        check = StoredSessions(world.database, world.ports.lifetimes)
        opened = world.open(player.id, SessionKind.PROGRAM)
        with world.uow() as uow:
            uow.execute(update(rows).values(seen_at=rows.c.seen_at - timedelta(days=2)))
        claims = AccessClaims(player.id, opened.id, strong=False, issued_at=datetime.now(UTC))
        before = check.check(claims)
        assert before is not None
        assert before.renewal_due
        with world.uow() as uow:
            assert sessions.refresh(uow, world.ports, opened.secret) is not None
        after = check.recent(claims) or check.check(claims)
        assert after is not None
        assert not after.renewal_due

    @pytest.mark.parametrize("kind", ["cookie", "token", "token without a session"])
    def test_a_check_is_one_indexed_read(self, world: World, player: Player, kind: str) -> None:
        check, opened, asked = StoredSessions(world.database, world.ports.lifetimes), world.open(player.id), []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            if kind == "cookie":
                assert check.find_cookie(opened.secret) is not None
            else:
                session_id = opened.id if kind == "token" else None
                claims = AccessClaims(player.id, session_id, strong=False, issued_at=datetime.now(UTC))
                assert check.check(claims) is not None
                assert check.recent(claims) is not None
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        (statement,) = asked
        with world.uow() as uow:
            uow.execute(text("set local enable_seqscan = off"))  # a table of two rows is read whole
            plan = str(uow.execute(text(f"explain (generic_plan) {numbered(statement)}")).scalars().all())
        assert re.search(r"Index (Only )?Scan using (sessions_secret_hash_key|sessions_pkey|users_pkey)", plan), plan

    def test_a_refresh_token_is_no_cookie(self, world: World, player: Player) -> None:
        program = world.open(player.id, SessionKind.PROGRAM)
        assert len(program.secret) == 65
        headers = {"Cookie": f"__Host-anb={program.secret}"}
        assert world.client.get("/api/videos", headers=headers).status_code == 401
