"""The audit trail: entries are written with their act, in one chain, and whatever changes it is found."""

import threading
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from anb.audit import service as audit
from anb.audit import store
from anb.audit.domain import START, Act, AuditActor, AuditChainBroken, AuditTarget, ChainHead, TargetKind
from anb.contest import service as contest
from anb.db.session import UnitOfWork
from support.outside import elsewhere
from support.worlds import OPERATOR, World

ORGANIZER = AuditActor("olga.organiza", "organizer", uuid4())
WRITERS, ACTS = 8, 12
# What an attacker with the owner's account might do to the second of three entries.
TAMPERED = {
    "at": "at + interval '1 microsecond'",
    "actor_role": "'juror'",
    "actor_id": "uuidv7()",
    "act": "'season_opened'",
    "target_kind": "'season'",
    "target_id": "'another'",
    "target_account_id": "uuidv7()",
    "details": "'{}'",
    "commitment": "sha256('x')",
    "hash": "sha256('x')",
    "salt": "'another salt'",
    "name": "'nadie'",
    "reason": "'ninguna'",
}


@pytest.fixture
def head(world: World) -> ChainHead:
    """Write three entries, after that of the season which every world has."""
    for reason in ("primera", "segunda", "tercera"):
        write(world, reason)
    with world.database.reading() as uow:
        head = audit.verify(uow)
    assert head.number == 4
    return head


def write(world: World, reason: str) -> None:
    with world.uow() as uow:
        target = AuditTarget(TargetKind.VIDEO, str(uuid4()), uuid4())
        audit.record(uow, ORGANIZER, Act.JOB_CANCELLED, target, reason, {"señal": "ñandú", "count": 3, "now": True})


def tamper(world: World, *statements: str) -> None:
    with world.uow() as uow:
        for statement in ("alter table audit_entries disable trigger user", *statements):
            uow.execute(text(statement))
        uow.execute(text("alter table audit_entries enable trigger user"))


def close_season(world: World, then: Callable[[UnitOfWork], object]) -> None:
    with world.uow() as uow:
        contest.close_season(uow, OPERATOR)
        then(uow)


def fail(_uow: UnitOfWork) -> None:
    raise RuntimeError("boom")


def die_at_commit(uow: UnitOfWork) -> None:
    def die() -> None:
        assert uow.execute(text("select max(number) from audit_entries")).scalar_one() == 2
        uow.execute(text("select pg_terminate_backend(pg_backend_pid())"))

    uow.before_commit(die)


def verify(world: World, remembered: ChainHead | None = None) -> ChainHead:
    with world.database.reading() as uow:
        return audit.verify(uow, remembered)


class TestTampering:
    @pytest.mark.parametrize("column", TAMPERED)
    def test_another_value_is_found(self, world: World, head: ChainHead, column: str) -> None:
        assert verify(world, head) == head
        tamper(world, f"update audit_entries set {column} = {TAMPERED[column]} where number = 3")  # noqa: S608
        with pytest.raises(AuditChainBroken, match="entry 3 "):
            verify(world)

    @pytest.mark.parametrize("number", [1, 2, 3])
    def test_a_removed_entry_is_found(self, world: World, head: ChainHead, number: int) -> None:
        tamper(world, f"delete from audit_entries where number = {number}")  # noqa: S608
        with pytest.raises(AuditChainBroken, match=f"entry {number} is missing"):
            verify(world, head)

    def test_two_swapped_entries_are_found(self, world: World, head: ChainHead) -> None:
        swaps = [f"update audit_entries set number = {to} where number = {of}" for of, to in ((2, 9), (3, 2), (9, 3))]  # noqa: S608
        tamper(world, *swaps)
        with pytest.raises(AuditChainBroken, match="entry 2 is not what was written"):
            verify(world, head)

    def test_a_long_trail_is_read_in_batches(
        self, world: World, head: ChainHead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "READ_ROWS", 2)
        with world.database.reading() as uow:
            assert audit.verify(uow) == head
        tamper(world, "update audit_entries set reason = 'otra' where number = 4")
        with pytest.raises(AuditChainBroken), world.database.reading() as uow:
            audit.verify(uow)

    def test_an_end_that_was_cut_off_is_found_by_who_remembers_the_head(self, world: World, head: ChainHead) -> None:
        tamper(world, "delete from audit_entries where number > 2")
        assert verify(world).number == 2
        with pytest.raises(AuditChainBroken, match="entry 3 is missing: the trail ends before 4"):
            verify(world, head)

    def test_a_trail_that_was_written_anew_is_found_by_who_remembers_the_head(
        self, world: World, head: ChainHead
    ) -> None:
        tamper(world, "delete from audit_entries where number > 3")
        write(world, "otra")
        assert verify(world).number == head.number
        with pytest.raises(AuditChainBroken, match="entry 4 has the hash"):
            verify(world, head)


class TestDatabase:
    @pytest.mark.parametrize("column", [name for name in TAMPERED if name not in {"salt", "name", "reason"}])
    def test_what_the_hash_covers_never_changes(self, world: World, head: ChainHead, column: str) -> None:
        assert verify(world) == head
        erased = "salt = null, name = null, reason = null"
        with pytest.raises(IntegrityError, match="never changed"), world.uow() as uow:
            uow.execute(text(f"update audit_entries set {column} = {TAMPERED[column]}, {erased} where number = 3"))  # noqa: S608

    def test_no_entry_is_deleted(self, world: World, head: ChainHead) -> None:
        with pytest.raises(IntegrityError, match="never changed or deleted"), world.uow() as uow:
            uow.execute(text("delete from audit_entries where number = :last"), {"last": head.number})

    def test_names_and_reasons_are_erased_and_not_rewritten(self, world: World, head: ChainHead) -> None:
        with pytest.raises(IntegrityError, match="never changed"), world.uow() as uow:
            uow.execute(text("update audit_entries set reason = 'otra'"))
        with world.uow() as uow:
            assert audit.forget(uow, ORGANIZER.account_id or uuid4()) == 3
        assert verify(world, head) == head
        with world.database.reading() as uow:
            left = uow.execute(text("select count(name), count(reason) from audit_entries where number > 1")).one()
        assert tuple(left) == (0, 0)

    def test_an_entry_that_follows_none_is_refused(self, world: World, head: ChainHead) -> None:
        copied = "select :number, at, actor_role, act, target_kind, target_id, details, commitment, hash"
        names = copied.partition(", ")[2]
        copy = text(f"insert into audit_entries (number, {names}) {copied} from audit_entries where number = 1")
        with pytest.raises(IntegrityError, match="does not follow"), world.uow() as uow:
            uow.execute(copy, {"number": head.number + 2})


class TestWriting:
    def test_many_writers_make_one_chain_without_gaps(self, world: World) -> None:
        together = threading.Barrier(WRITERS)

        def act() -> None:
            together.wait(10)
            for n in range(ACTS):
                write(world, str(n))

        threads = [threading.Thread(target=act) for _ in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert verify(world).number == 1 + WRITERS * ACTS

    def test_an_open_transaction_with_an_act_keeps_nobody_waiting(self, world: World) -> None:
        with world.uow() as slow:
            audit.record(slow, ORGANIZER, Act.DRAIN_STARTED, AuditTarget(TargetKind.QUEUE))
            slow.execute(text("select 1"))
            elsewhere(partial(write, world, "meanwhile"))
        with world.database.reading() as uow:
            said = uow.execute(text("select act from audit_entries order by number")).scalars().all()
        assert said == ["season_opened", "job_cancelled", "drain_started"]
        assert verify(world).number == 3

    def test_an_act_that_is_rolled_back_leaves_no_entry_and_no_gap(self, world: World) -> None:
        with pytest.raises(RuntimeError, match="boom"):
            close_season(world, fail)
        write(world, "later")
        assert verify(world).number == 2

    def test_a_death_before_the_commit_leaves_neither_act_nor_entry(self, world: World) -> None:
        with pytest.raises(OperationalError):
            close_season(world, die_at_commit)
        with world.uow() as uow:
            assert contest.current_season(uow) is not None
        assert verify(world).number == 1

    def test_an_act_that_cannot_be_recorded_does_not_happen(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(store, "add", lambda *_: (_ for _ in ()).throw(psycopg.OperationalError("disk full")))
        with pytest.raises(psycopg.OperationalError), world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        with world.uow() as uow:
            assert contest.current_season(uow) is not None

    def test_a_unit_of_work_that_only_reads_records_nothing(self, world: World) -> None:
        with pytest.raises(RuntimeError, match="only reads"), world.database.reading() as uow:
            audit.record(uow, OPERATOR, Act.DRAIN_ENDED, AuditTarget(TargetKind.QUEUE))
        assert verify(world).number == 1


def test_an_empty_trail_begins_at_zero(world: World) -> None:
    tamper(world, "delete from audit_entries")
    assert verify(world) == START
    assert ChainHead.parse(str(START)) == START


@pytest.mark.parametrize("wrong", ["", "4", "4:", "4:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "4:" + "0" * 63])
def test_a_head_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whichever part
        ChainHead.parse(wrong)
