"""What becomes of signals and clusters: retention, erasure, and what a person is told of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.privacy import erasure, retention
from anb.privacy.archive import gather
from anb.privacy.retention import RetentionRun
from support.leaving import ask
from support.signalling import MORNING, clusters, doubtful, note, people, search, share_mailbox
from support.worlds import World

TABLES = ("signals", "mailboxes", "cluster_members", "cluster_evidence")


def rows(world: World, account_id: UUID) -> list[str]:
    with world.uow() as uow:
        return [
            table
            for table in TABLES
            for _ in uow.execute(text(f"select 1 from {table} where account_id = :id"), {"id": account_id})  # noqa: S608
        ]


def retain(world: World, **settings: Any) -> int:
    known = world.settings.model_copy(update=settings)
    return retention.run(RetentionRun(world.database, world.ports, known))["signals"]


class TestRetention:
    def test_signals_go_some_days_after_they_were_last_seen_with_their_marks(self, world: World) -> None:
        who, now = people(world, 6), world.ports.clock.now()
        note(world, who, device="d1", block="b1", at=now - timedelta(days=31))
        note(world, who[:2], act="vote", device="d1", block="b1", at=now - timedelta(days=29))
        share_mailbox(world, who, "m1")
        search(world)
        assert retain(world, signal_days=30) == 6 + 4  # signals, and the marks of those who have no other
        kept = ["mailboxes", "cluster_members", "cluster_evidence"]
        assert rows(world, who[5]) == kept
        assert rows(world, who[0]) == ["signals", *kept, "cluster_evidence"]
        assert retain(world, signal_days=30) == 0

    def test_the_cluster_and_its_reasons_stay_and_what_was_reviewed_stays_fine(self, world: World) -> None:
        who = people(world, 20)
        note(world, who, act="sign-up", block="b1", every=1)
        search(world)
        with world.uow() as uow:
            uow.execute(text("update cluster_members set cleared_at = now()"))
        before = clusters(world)
        world.clock.ahead += timedelta(days=3650)
        assert retain(world) == 40
        search(world)
        assert clusters(world) == before
        assert doubtful(world) == set()
        with world.uow() as uow:
            assert uow.execute(text("select accounts from cluster_reasons")).scalar_one() == 20


class TestErasure:
    def test_nothing_ties_an_erased_account_to_others(self, world: World) -> None:
        player, others = world.player(), people(world, 5)
        note(world, [player.id, *others], device="d1", block="b1")
        share_mailbox(world, [player.id], "m1")
        search(world)
        assert rows(world, player.id) == list(TABLES)
        ask(world, player)
        assert erasure.run_due(world.database, world.ports) == 1
        assert rows(world, player.id) == []
        search(world)
        assert [*clusters(world).values()] == [set(others)]
        assert rows(world, player.id) == []

    def test_a_search_that_read_the_signals_before_an_erasure_brings_nothing_back(self, world: World) -> None:
        player = world.player()
        note(world, [player.id, *people(world, 5)], device="d1")
        with world.uow() as uow:
            uow.execute(text("update users set erased_at = now() where id = :id"), {"id": player.id})
        search(world)
        assert player.id not in next(iter(clusters(world).values()))

    def test_a_cluster_goes_with_its_last_account(self, world: World) -> None:
        who = people(world, 6)
        note(world, who, device="d1")
        search(world)
        with world.uow() as uow:
            uow.execute(text("delete from users where id = any(:who)"), {"who": who})
        search(world)
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from clusters")).scalar_one() == 0


class TestExport:
    def test_a_person_is_told_of_acts_and_of_the_cluster_without_marks(self, world: World) -> None:
        player = world.player()
        note(world, [player.id, *people(world, 5)], device="d1", block="b1")
        share_mailbox(world, [player.id], "m1")
        search(world)
        with world.uow() as uow:
            told = gather(uow, player.id)["signals"]
        [act] = told["acts"]
        assert act == {
            "act": "sign-in", "device": True, "network": True, "first_seen": MORNING, "last_seen": MORNING
        }  # fmt: skip
        assert told["mailbox_mark_since"] is not None
        assert told["cluster"]["cleared_at"] is None
        assert not {"d1", "b1", "m1"} & set(str(told).replace("'", " ").split())

    def test_of_whom_nothing_is_kept_nothing_is_told(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            assert gather(uow, player.id)["signals"] == {"acts": [], "mailbox_mark_since": None, "cluster": None}
