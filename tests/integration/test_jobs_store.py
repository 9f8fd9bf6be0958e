"""What is read about jobs: the queue's pace and figures, messages that were never sent, and pages of jobs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.db.paging import Page
from anb.jobs import service as jobs
from anb.jobs import store
from anb.jobs.domain import JobState, Lane, Spacing, What
from support.publishing import begin
from support.worlds import Player, World


def change(world: World, statement: str, **values: Any) -> None:
    with world.uow() as uow:
        uow.execute(text(statement), values)


def queue(world: World, player: Player, lane: Lane = Lane.LIGHT) -> UUID:
    """Queue one more job, without an upload for each."""
    with world.uow() as uow:
        return jobs.queue(uow, world.ports, _video(world, player), player.id, lane, Spacing(0))


def _video(world: World, player: Player) -> UUID:
    with world.uow() as uow:
        found = (
            uow.execute(text("select id from videos where owner_id = :owner"), {"owner": player.id}).scalars().first()
        )
    return found or player.upload().video_id


def do(world: World, job_id: UUID) -> None:
    held = begin(world, job_id)
    assert held is not None
    with world.uow() as uow:
        assert jobs.finish(uow, held, {})


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


class TestPace:
    def test_it_is_that_of_the_jobs_done_last(self, world: World, player: Player) -> None:
        done = [queue(world, player) for _ in range(store.PACE_OF + 2)]
        for job_id in done:
            do(world, job_id)
        # The first two took an hour each, long ago; the others ten seconds.
        slow = "update jobs set started_at = finished_at - interval '1 hour' where id = any(:ids)"
        quick = "update jobs set started_at = finished_at - interval '10 seconds' where not id = any(:ids)"
        change(world, "alter table jobs disable trigger user")
        try:
            change(world, slow, ids=done[:2])
            change(world, quick, ids=done[:2])
        finally:
            change(world, "alter table jobs enable trigger user")
        with world.uow() as uow:
            assert store.line(uow, queue(world, player)).pace == pytest.approx(10)

    def test_only_jobs_that_were_done_have_one(self, world: World, player: Player) -> None:
        waiting = queue(world, player)
        with world.uow() as uow:
            jobs.cancel(uow, queue(world, player), "somebody")
        with world.uow() as uow:
            seen = store.line(uow, waiting)
        assert (seen.pace, seen.elapsed) == (None, 0.0)


class TestLine:
    def test_those_before_have_an_earlier_turn_or_the_same_and_an_earlier_id(self, world: World) -> None:
        players = [world.player(f"Nombre N{n}") for n in range(3)]
        ids = [queue(world, player) for player in players]
        change(world, "update jobs set turn_at = '2026-05-01', available_at = '2026-05-01'")
        with world.uow() as uow:
            every = uow.execute(text("select id from jobs order by id")).scalars().all()
            before = [store.line(uow, job_id).lanes[Lane.LIGHT].before for job_id in every]
        assert set(ids) <= set(every)
        assert before == list(range(len(every)))

    def test_it_counts_by_lane_what_is_due_and_what_is_under_way(self, world: World, player: Player) -> None:
        light, heavy = player.upload().task_id, queue(world, player, Lane.HEAVY)
        later = queue(world, player, Lane.HEAVY)
        change(world, "update jobs set available_at = now() + interval '1 hour' where id = :id", id=later)
        assert begin(world, light)
        with world.uow() as uow:
            seen = store.line(uow, heavy)
        assert {lane: waiting.total for lane, waiting in seen.lanes.items()} == {Lane.HEAVY: 1}
        assert seen.working == 1


class TestFigures:
    def test_an_empty_line_has_no_times(self, world: World) -> None:
        with world.uow() as uow:
            seen = jobs.figures(uow)
        assert (seen.due, seen.running, seen.dead, seen.waiting_seconds, seen.last_begun_seconds) == (
            0,
            0,
            0,
            None,
            None,
        )
        assert not seen.drained

    def test_the_oldest_that_is_due_and_the_last_that_was_begun_tell_the_time(
        self, world: World, player: Player
    ) -> None:
        running, heavy = player.upload().task_id, queue(world, player, Lane.HEAVY)
        waiting = [queue(world, player) for _ in range(3)]
        assert begin(world, running)
        assert begin(world, heavy)
        for job_id, ago in zip(waiting, ("100 seconds", "50 seconds", "-1 hour"), strict=True):
            change(world, f"update jobs set available_at = now() - interval '{ago}' where id = :id", id=job_id)  # noqa: S608
        with world.uow() as uow:
            seen = jobs.figures(uow)
        assert (seen.due, seen.running, seen.dead) == (2, 2, 0)
        assert seen.waiting_seconds == pytest.approx(100, abs=30)
        assert seen.last_begun_seconds is not None
        assert 0 <= seen.last_begun_seconds < 30

    def test_who_began_to_drain_is_remembered_when_another_does_too(self, world: World) -> None:
        with world.uow() as uow:
            first = jobs.drain(uow, "ana")
            assert jobs.drain(uow, "eva") == first
            assert jobs.figures(uow).drained
            assert jobs.drain(uow, None) is None
            assert not jobs.figures(uow).drained


class TestUnsent:
    def test_the_oldest_due_first_and_no_more_than_asked_for(self, world: World, player: Player) -> None:
        player.upload()
        ids = [queue(world, player) for _ in range(4)]
        for job_id, ago in zip(ids, (10, 40, 30, 20), strict=True):
            change(
                world,
                "update jobs set sent_at = null, available_at = now() - make_interval(secs => :ago) where id = :id",
                ago=ago,
                id=job_id,
            )
        change(world, "update jobs set sent_at = now() where not id = any(:ids)", ids=ids)
        with world.uow() as uow:
            assert store.unsent(uow, 3600, 3) == [ids[1], ids[2], ids[3]]

    def test_what_was_sent_lately_waits_for_its_patience(self, world: World, player: Player) -> None:
        job_id = player.upload().task_id
        change(world, "update jobs set sent_at = now() - interval '60 seconds'")
        with world.uow() as uow:
            assert store.unsent(uow, 30, 10) == [job_id]
            assert store.unsent(uow, 90, 10) == []

    def test_what_is_not_due_or_not_waiting_is_not_sent(self, world: World, player: Player) -> None:
        later, running = player.upload().task_id, queue(world, player)
        assert begin(world, running)
        change(
            world, "update jobs set available_at = now() + interval '1 hour', sent_at = null where id = :id", id=later
        )
        with world.uow() as uow:
            assert store.unsent(uow, 0, 10) == []
            assert store.count_due(uow) == 0


class TestRecords:
    def test_pages_give_each_once_newest_first_with_the_number_of_its_state(self, world: World, player: Player) -> None:
        ids = [player.upload().task_id, *(queue(world, player) for _ in range(4))]
        with world.uow() as uow:
            jobs.cancel(uow, ids[0], "somebody")
        seen: list[UUID] = []
        page = Page(2)
        while True:
            with world.uow() as uow:
                listed = jobs.list_all(uow, JobState.QUEUED, page)
            assert listed.total == 4
            seen += [record.id for record in listed.rows]
            if listed.next_after is None:
                break
            page = Page(2, after=(str(listed.next_after[0]),))
        assert seen == ids[:0:-1]
        with world.uow() as uow:
            assert [one.id for one in jobs.list_all(uow, None, Page(skip=1)).rows] == ids[-2::-1]

    def test_the_newest_job_is_the_videos_own(self, world: World, player: Player) -> None:
        upload = player.upload()
        newest = queue(world, player)
        world.player("Ana Paz").upload()
        with world.uow() as uow:
            found = jobs.latest_of(uow, upload.video_id)
        assert found is not None
        assert found.id == newest

    def test_only_one_that_is_due_later_says_when(self, world: World, player: Player) -> None:
        job_id = player.upload().task_id
        with world.uow() as uow:
            assert jobs.show(uow, job_id)[0].next_try_at is None
        change(world, "update jobs set available_at = now() + interval '1 hour'")
        with world.uow() as uow:
            record = jobs.show(uow, job_id)[0]
        assert record.next_try_at == record.available_at
        assert record.next_try_at - record.created_at > timedelta(minutes=50)

    def test_the_timeline_is_in_order_and_of_that_job_alone(self, world: World, player: Player) -> None:
        one, other = player.upload().task_id, queue(world, player)
        do(world, one)
        assert begin(world, other)
        with world.uow() as uow:
            assert [event.what for event in jobs.show(uow, one)[1]] == [What.QUEUED, What.BEGUN, What.DONE]
