"""Sessions compared with a model: any moves in any order, by their owner, a thief, an operator and time."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, text, update

from anb.db.tables_sessions import sessions as rows
from anb.ports import AccessClaims, Lifetimes
from anb.sessions import service
from anb.sessions.check import StoredSessions
from anb.sessions.domain import EndReason, SessionKind, SessionNotFound
from support.models import run_histories
from support.worlds import Player, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIVES = Lifetimes(idle=30 * DAY, most=90 * DAY, renewal=DAY, access=HOUR, grace=HOUR)
MOST_PROGRAMS = 2
# Never just below a bound: the test itself takes time.
PASSED = (timedelta(minutes=10), 2 * HOUR, 2 * HOUR, 10 * DAY, 25 * DAY)
TIMES = ("opened_at", "authenticated_at", "seen_at", "rotated_at", "expires_at", "last_expires_at", "ended_at")


@dataclass
class ModelSession:
    """The model's record of a session; times are how long ago, or how long from now."""

    id: UUID
    kind: SessionKind
    secrets: list[str]  # the cookie; or every refresh token, the newest last
    left: timedelta = LIVES.idle
    most: timedelta = LIVES.most
    used: timedelta = field(default_factory=timedelta)  # since it was opened, or its refresh token exchanged
    turn: int = 0  # the order of such uses
    seen: timedelta = field(default_factory=timedelta)
    strong: bool = False
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether requests are accepted."""
        return not self.reason and self.left > timedelta()

    def use(self, turn: int) -> None:
        """Exchange the refresh token."""
        self.used, self.turn = timedelta(), turn
        self.renew()

    def renew(self) -> None:
        """Live on from now."""
        self.seen, self.left = timedelta(), min(LIVES.idle, self.most)


class Life(RuleBasedStateMachine):
    """Rules move the rows by the services, and the model by the docs (docs/packages/sessions.md)."""

    def __init__(self, world: World, player: Player) -> None:
        super().__init__()
        self.world, self.account = world, player.id
        self.ports = replace(world.ports, lifetimes=LIVES)
        self.check = StoredSessions(world.database, LIVES)
        self.model: dict[UUID, ModelSession] = {}
        self.turn = 0
        with world.uow() as uow:
            uow.execute(text("delete from sessions"))

    def any_session(self, data: st.DataObject) -> ModelSession:
        # In the order in which they were opened, which each run of a history repeats: ids are random.
        alive = [one for one in self.model.values() if one.is_open]
        known = alive * 3 + list(self.model.values())
        return known[data.draw(st.integers(0, len(known) - 1))]

    def next_turn(self) -> int:
        self.turn += 1
        return self.turn

    @rule(kind=st.sampled_from([SessionKind.PROGRAM, SessionKind.PROGRAM, SessionKind.BROWSER]))
    def open(self, kind: SessionKind) -> None:
        if kind is SessionKind.PROGRAM:
            programs = [one for one in self.model.values() if one.kind is kind and one.is_open]
            programs.sort(key=lambda one: (-one.used, one.turn), reverse=True)
            for one in programs[MOST_PROGRAMS:]:
                one.reason = "surplus" if one.used >= HOUR else ""
        with self.world.uow() as uow:
            opened = service.open_session(uow, self.ports, self.account, kind=kind, device="", block=None)
        self.model[opened.id] = ModelSession(opened.id, kind, [opened.secret], turn=self.next_turn())

    @precondition(lambda self: self.model)
    @rule(data=st.data(), how=st.sampled_from(["end", "sign out", "in a list"]))
    def end(self, data: st.DataObject, how: str) -> None:
        one = self.any_session(data)
        reasons = {"end": EndReason.ENDED_BY_OPERATOR, "sign out": EndReason.SIGNED_OUT}
        with self.world.uow() as uow:
            if how == "end":
                assert service.end_session(uow, one.id, reasons[how]) == one.is_open
            elif how == "sign out":
                service.sign_out(uow, self.account, one.id)
            elif one.is_open:
                service.end_own(uow, self.account, one.id)
            else:
                with pytest.raises(SessionNotFound):
                    service.end_own(uow, self.account, one.id)
        if one.is_open:
            one.reason = reasons.get(how, EndReason.SIGNED_OUT_ELSEWHERE).value

    @precondition(lambda self: self.model)
    @rule(data=st.data(), spares=st.booleans())
    def end_all(self, data: st.DataObject, spares: bool) -> None:
        spared = self.any_session(data).id if spares else None
        meant = [one for one in self.model.values() if one.is_open and one.id != spared]
        with self.world.uow() as uow:
            ended = service.end_all(uow, self.account, EndReason.PASSWORD_CHANGED, but=spared)
        assert ended == len(meant)
        for one in meant:
            one.reason = "password-changed"

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        one = self.any_session(data)
        with self.world.uow() as uow:
            service.mark_strong(uow, one.id)
        one.strong = one.strong or one.is_open

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        one = self.any_session(data)
        with self.world.uow() as uow:
            assert (service.renew(uow, self.ports, one.id) is not None) == one.is_open
        if one.is_open:
            one.renew()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        self.exchange_token(self.any_session(data), 0)

    @precondition(lambda self: any(len(one.secrets) > 1 for one in self.model.values()))
    @rule(data=st.data())
    def exchange_an_old_token(self, data: st.DataObject) -> None:
        rotated = [one for one in self.model.values() if len(one.secrets) > 1]
        one = rotated[data.draw(st.integers(0, len(rotated) - 1))]
        self.exchange_token(one, data.draw(st.integers(1, min(len(one.secrets) - 1, 3))))

    def exchange_token(self, one: ModelSession, age: int) -> None:
        token = one.secrets[-1 - age]
        with self.world.uow() as uow:
            got = service.refresh(uow, self.ports, token)
        if not one.is_open or one.kind is SessionKind.BROWSER:
            assert got is None
        elif age == 0:
            assert got is not None
            assert got.secret not in one.secrets
            one.secrets.append(got.secret)
            one.use(self.next_turn())
        elif age == 1 and one.used < HOUR:
            assert got is not None
            assert got.secret == one.secrets[-1]
        else:
            assert got is None
            one.reason = "refresh-reused"

    @rule(passed=st.sampled_from(PASSED))
    def pass_time(self, passed: timedelta) -> None:
        with self.world.uow() as uow:
            uow.execute(update(rows).values({name: rows.c[name] - passed for name in TIMES}))
            uow.recent.forget(lambda _: True)
        for one in self.model.values():
            one.left, one.most = one.left - passed, one.most - passed
            one.used, one.seen = one.used + passed, one.seen + passed

    @rule()
    def purge(self) -> None:
        over = [one.id for one in self.model.values() if not one.is_open]
        with self.world.uow() as uow:
            assert service.purge(uow, datetime.now(UTC)) == len(over)
        for session_id in over:
            del self.model[session_id]

    @invariant()
    def requests_are_accepted_while_the_session_is_open(self) -> None:
        for one in self.model.values():
            claims = AccessClaims(self.account, one.id, strong=False, issued_at=datetime.now(UTC))
            callers = [self.check.recent(claims), self.check.check(claims)]
            if one.kind is SessionKind.BROWSER:
                callers += [self.check.recent(one.secrets[0]), self.check.find_cookie(one.secrets[0])]
            else:
                assert self.check.find_cookie(one.secrets[-1]) is None
            found = {caller for caller in callers if caller is not None}
            assert bool(found) == one.is_open
            for caller in found:
                assert (caller.account_id, caller.session_id) == (self.account, one.id)
                assert (caller.strong, caller.renewal_due) == (one.strong, one.seen >= DAY)

    @invariant()
    def a_row_ends_once_and_says_why(self) -> None:
        with self.world.uow() as uow:
            known = {row.id: row.reason or "" for row in uow.execute(select(rows.c.id, rows.c.reason))}
            listed = {session.id for session in service.list_open(uow, self.account)}
        assert known == {one.id: one.reason for one in self.model.values()}
        assert listed == {one.id for one in self.model.values() if one.is_open}


def run(world: World, monkeypatch: pytest.MonkeyPatch, examples: int, steps: int) -> None:
    """Compare as many lives of sessions."""
    monkeypatch.setattr(service, "MOST_PROGRAMS", MOST_PROGRAMS)
    player = world.player()
    run_histories(lambda: Life(world, player), examples=examples, steps=steps)


def test_sessions_live_as_the_model_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, monkeypatch, examples=8, steps=30)


@pytest.mark.slow
def test_sessions_live_as_the_model_does_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, monkeypatch, examples=80, steps=60)
