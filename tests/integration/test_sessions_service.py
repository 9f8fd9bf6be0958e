"""Sessions as their owners and other features see them: opened, checked with each request, ended at once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from anb.accounts import service as accounts
from anb.accounts.domain import AccountNotFound, WrongCredentials
from anb.db.tables_sessions import sessions as rows
from anb.sessions import service as sessions
from anb.sessions.check import StoredSessions
from anb.sessions.domain import EndReason, SessionClient, SessionKind, hash_of
from support.browser_client import browser_client, form
from support.worlds import Player, World

WORD = "balon-naranja-7"


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def status(world: World, **headers: str) -> int:
    return world.client.get("/api/videos", headers=headers).status_code


def cookie(secret: str) -> dict[str, str]:
    return {"Cookie": f"__Host-anb={secret}"}


def pass_time(world: World, session_id: UUID, passed: timedelta) -> None:
    """Let time pass for a session, and for what the process has read."""
    times = (rows.c.opened_at, rows.c.authenticated_at, rows.c.seen_at, rows.c.expires_at, rows.c.last_expires_at)
    with world.uow() as uow:
        uow.execute(update(rows).where(rows.c.id == session_id).values({each: each - passed for each in times}))
        uow.recent.forget(lambda _: True)


class TestOpening:
    def test_a_secret_is_stored_as_its_hash_only(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        with world.uow() as uow:
            row = uow.execute(select(rows).where(rows.c.id == opened.id)).one()
        assert row.secret_hash == hash_of(opened.secret)
        assert opened.secret not in str(row)
        assert len(opened.secret) == 43
        assert opened.secret != world.open(player.id).secret

    def test_signing_in_makes_a_session_of_the_token(self, world: World) -> None:
        made = world.client.post("/api/auth/signup", json=form(email="a@example.com")).json()
        agent = {"User-Agent": "curl/8.11.0"}
        answer = world.client.post("/api/auth/login", json={"email": "a@example.com", "password": WORD}, headers=agent)
        claims = world.ports.tokens.read(answer.json()["access_token"])
        with world.uow() as uow:
            (session,) = sessions.list_open(uow, UUID(made["user_id"]))
        assert claims is not None
        assert (claims.session_id, session.session_id) == (session.id, session.id)
        assert (session.kind, session.device) == (SessionKind.PROGRAM, "curl")
        assert timedelta(days=29) < session.expires_at - datetime.now(UTC) <= timedelta(days=30)

    def test_a_browser_that_signs_in_again_gets_another_cookie_and_the_first_ends(
        self, world: World, player: Player
    ) -> None:
        with browser_client(world) as visitor:
            secrets = []
            for _ in range(2):
                assert visitor.post("/login", data={"email": player.email, "password": WORD}).status_code == 303
                secrets.append(visitor.cookies["__Host-anb"])
        assert [status(world, **cookie(secret)) for secret in secrets] == [401, 200]

    def test_a_cookie_that_somebody_else_chose_is_not_continued(self, world: World, player: Player) -> None:
        with browser_client(world) as visitor:
            visitor.cookies.set("__Host-anb", "chosen-by-somebody-else")
            visitor.post("/login", data={"email": player.email, "password": WORD})
        assert status(world, **cookie("chosen-by-somebody-else")) == 401

    def test_a_password_that_was_changed_meanwhile_opens_nothing(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def changed(*_: object) -> bool:
            with world.uow() as uow:
                uow.execute(text("update users set password_hash = 'another'"))
            return True

        monkeypatch.setattr(world.ports.passwords, "matches", changed)
        client = SessionClient(SessionKind.BROWSER)
        with pytest.raises(WrongCredentials):
            accounts.sign_in(world.database, world.ports, player.email, WORD, client)


class TestEnding:
    def test_the_next_request_is_refused(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        assert status(world, **cookie(opened.secret)) == 200
        with world.uow() as uow:
            assert sessions.end_session(uow, opened.id, EndReason.SIGNED_OUT)
        assert status(world, **cookie(opened.secret)) == 401
        assert status(world, **player.headers) == 200

    def test_a_token_ends_with_its_session(self, world: World, player: Player) -> None:
        opened = world.open(player.id, SessionKind.PROGRAM)
        bearer = {"Authorization": f"Bearer {world.ports.tokens.issue(player.id, opened.id)}"}
        assert status(world, **bearer) == 200
        with world.uow() as uow:
            sessions.end_session(uow, opened.id, EndReason.SIGNED_OUT)
        assert status(world, **bearer) == 401

    def test_a_session_ends_once_and_keeps_the_first_reason(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        with world.uow() as uow:
            assert sessions.end_session(uow, opened.id, EndReason.SIGNED_OUT)
            assert not sessions.end_session(uow, opened.id, EndReason.ROLE_CHANGED)
            row = uow.execute(select(rows).where(rows.c.id == opened.id)).one()
        assert (row.state, row.reason) == ("ended", "signed-out")

    def test_all_end_but_one(self, world: World, player: Player) -> None:
        here, there = world.open(player.id), world.open(player.id)
        other = world.player("Ana Otra")
        with world.uow() as uow:
            assert sessions.end_all(uow, player.id, EndReason.PASSWORD_CHANGED, but=here.id) == 2
        assert status(world, **cookie(here.secret)) == 200
        assert status(world, **cookie(there.secret)) == 401
        assert (status(world, **player.headers), status(world, **other.headers)) == (401, 200)

    def test_another_process_follows_within_a_second(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        elsewhere = StoredSessions(world.database, world.ports.lifetimes)
        assert elsewhere.find_cookie(opened.secret) is not None
        assert elsewhere.recent(opened.secret) is not None
        with world.uow() as uow:
            uow.execute(text("update sessions set state = 'ended', ended_at = now(), reason = 'signed-out'"))
        assert elsewhere.recent(opened.secret) is not None  # until the second is over
        assert elsewhere.find_cookie(opened.secret) is None

    def test_signing_out_ends_the_session_and_a_stolen_cookie_with_it(self, world: World, player: Player) -> None:
        with browser_client(world, player) as visitor:
            stolen = visitor.cookies["__Host-anb"]
            visitor.post("/logout")
        assert status(world, **cookie(stolen)) == 401

    def test_signing_out_of_nothing_is_no_fault(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.post("/logout").status_code == 303


class TestBefore:
    """Tokens and cookies of the version before, which had no sessions."""

    def test_they_are_valid_until_they_expire(self, world: World, player: Player) -> None:
        token = world.ports.tokens.issue(player.id)
        assert status(world, Authorization=f"Bearer {token}") == 200
        assert status(world, **cookie(token)) == 200
        with browser_client(world) as visitor:
            visitor.cookies.set("__Host-anb", token)
            assert visitor.post("/logout").status_code == 303

    def test_ending_all_refuses_them_too(self, world: World, player: Player) -> None:
        token = world.ports.tokens.issue(player.id)
        assert status(world, **cookie(token)) == 200
        with world.uow() as uow:
            sessions.end_all(uow, player.id, EndReason.PASSWORD_CHANGED)
        assert status(world, **cookie(token)) == 401

    def test_later_ones_are_accepted_again(self, world: World, player: Player) -> None:
        with world.uow() as uow:
            sessions.end_all(uow, player.id, EndReason.PASSWORD_CHANGED)
        world.clock.ahead = timedelta(seconds=2)  # a token knows the second only
        assert status(world, Authorization=f"Bearer {world.ports.tokens.issue(player.id)}") == 200

    def test_of_an_account_that_is_no_more_they_are_refused(self, world: World) -> None:
        assert status(world, Authorization=f"Bearer {world.ports.tokens.issue(uuid4())}") == 401
        with world.uow() as uow, pytest.raises(AccountNotFound):
            accounts.lock_account(uow, uuid4())


class TestTime:
    def test_a_session_that_was_not_used_for_thirty_days_expires(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        pass_time(world, opened.id, timedelta(days=29, hours=23))
        assert status(world, **cookie(opened.secret)) == 200
        pass_time(world, opened.id, timedelta(hours=1))
        assert status(world, **cookie(opened.secret)) == 401
        with world.uow() as uow:
            assert [each.id for each in sessions.list_open(uow, player.id)] != [opened.id]
            assert not sessions.end_session(uow, opened.id, EndReason.SIGNED_OUT)

    def test_use_renews_it_until_ninety_days_have_passed(self, world: World, player: Player) -> None:
        opened = world.open(player.id)
        for _ in range(4):
            pass_time(world, opened.id, timedelta(days=20))
            with world.uow() as uow:
                sessions.renew(uow, world.ports, opened.id)
        pass_time(world, opened.id, timedelta(days=9, hours=23))
        assert status(world, **cookie(opened.secret)) == 200
        pass_time(world, opened.id, timedelta(hours=1))
        assert status(world, **cookie(opened.secret)) == 401

    def test_ended_and_expired_ones_are_purged(self, world: World, player: Player) -> None:
        ended, expired, kept = (world.open(player.id) for _ in range(3))
        pass_time(world, expired.id, timedelta(days=31))
        with world.uow() as uow:
            sessions.end_session(uow, ended.id, EndReason.SIGNED_OUT)
            assert sessions.purge(uow, datetime.now(UTC) - timedelta(days=2)) == 0
        with world.uow() as uow:
            assert sessions.purge(uow, datetime.now(UTC) + timedelta(seconds=1)) == 2
            assert kept.id in [each.id for each in sessions.list_open(uow, player.id)]
