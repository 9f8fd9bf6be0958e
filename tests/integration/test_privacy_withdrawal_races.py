"""A player withdraws a public clip during a vote, during an edit, and while the process dies."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from anb.accounts.domain import Actor
from anb.contest import service as contest
from anb.contest.domain import AlreadyVoted
from anb.contest.tasks import Work, process_next
from anb.errors import Outage
from anb.media.renditions import MADE
from anb.privacy import service as privacy
from anb.storage import service as storage
from anb.videos import service as videos
from support.browser_client import published
from support.leaving import vote, votes_of, withdraw
from support.publishing import begin, keep
from support.waiting import until
from support.worlds import Player, World


@pytest.fixture
def owner(world: World) -> Player:
    return world.player()


@pytest.fixture
def clip(world: World, owner: Player) -> UUID:
    return published(world, owner)


@pytest.fixture
def race() -> Iterator[list[threading.Thread]]:
    """Threads of the other side of a race; they end with the test."""
    threads: list[threading.Thread] = []
    yield threads
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def waiting(world: World) -> bool:
    """Say whether some transaction waits for the lock of another."""
    with world.uow() as uow:
        found = uow.execute(text("select count(*) from pg_locks where not granted")).scalar_one()
    return bool(found)


class TestAtTheSameMoment:
    def test_a_vote_that_came_first_is_voided(
        self, world: World, owner: Player, clip: UUID, race: list[threading.Thread]
    ) -> None:
        voter = world.player("Ana Paz")
        with world.uow() as uow:
            contest.cast_vote(uow, world.ports, Actor(voter.id), clip)
            race.append(threading.Thread(target=withdraw, args=(world, owner, clip)))
            race[0].start()
            until(lambda: waiting(world), 10)
        race[0].join(10)
        assert votes_of(world, clip) == [(True, "withdrawn")]

    def test_a_vote_that_came_second_finds_no_clip(
        self, world: World, owner: Player, clip: UUID, race: list[threading.Thread]
    ) -> None:
        voter, answers = world.player("Ana Paz"), list[int]()
        with world.uow() as uow:
            privacy.withdraw(uow, world.ports, clip, owner.id)
            race.append(threading.Thread(target=lambda: answers.append(vote(world, voter, clip))))
            race[0].start()
            until(lambda: waiting(world), 10)
        race[0].join(10)
        assert answers == [404]
        assert votes_of(world, clip) == []

    def test_votes_do_not_wait_for_each_other(self, world: World, clip: UUID) -> None:
        first, second = world.player("Ana Paz"), world.player("Eva Paz")
        with world.uow() as uow:
            contest.cast_vote(uow, world.ports, Actor(first.id), clip)
            assert vote(world, second, clip) == 200
        with pytest.raises(AlreadyVoted), world.uow() as uow:
            contest.cast_vote(uow, world.ports, Actor(first.id), clip)

    def test_a_running_edit_ends_and_shows_nothing(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:
            videos.reedit(uow, world.ports, older_than=None, every=0)
            job = uow.execute(text("select id from jobs where state = 'queued'")).scalar_one()
        claim = begin(world, job)
        assert claim is not None
        kept = [keep(world, each, 9) for each in MADE]
        withdraw(world, owner, clip)
        with world.uow() as uow:
            assert not contest.publish(uow, world.ports, claim, kept, {})
            assert uow.execute(text("select count(*) from renditions")).scalar_one() == 0

    def test_an_edit_queued_at_that_moment_is_never_begun(self, world: World, owner: Player, clip: UUID) -> None:
        with world.uow() as uow:
            privacy.withdraw(uow, world.ports, clip, owner.id)
        with world.uow() as uow:  # its queuing had read the clip before
            uow.execute(
                text("insert into jobs (video_id, owner_id, lane) values (:v, :o, 'reedit')"),
                {"v": clip, "o": owner.id},
            )
        work = Work(world.settings, world.database, world.ports, "test", lambda: False)
        process_next(work, uuid4())
        with world.uow() as uow:
            assert uow.execute(text("select state from jobs where lane = 'reedit'")).scalar_one() == "cancelled"
        assert world.encoder.runs == []

    def test_nobody_queues_its_old_job_again(self, world: World, owner: Player, clip: UUID) -> None:
        withdraw(world, owner, clip)
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from jobs where video_id is not null")).scalar_one() == 0
            assert videos.reedit(uow, world.ports, older_than=None, every=0) == 0


class TestDeathInTheMiddle:
    def test_before_the_commit_nothing_has_happened(self, world: World, owner: Player, clip: UUID) -> None:
        files = world.files()
        with suppress(Outage), world.uow() as uow:
            privacy.withdraw(uow, world.ports, clip, owner.id)
            raise Outage("the process dies here")
        assert world.files() == files
        assert world.client.get(f"/api/videos/{clip}/processed").status_code == 200

    def test_after_it_the_sweep_deletes_the_files(self, world: World, owner: Player, clip: UUID) -> None:
        files = world.files()
        with world.database.committing() as uow:  # what follows the commit never runs
            privacy.withdraw(uow, world.ports, clip, owner.id)
        assert world.files() == files
        assert world.client.get(f"/api/videos/{clip}/processed").status_code == 404
        assert list(storage.verify(world.database, world.ports, checksums=False)) == []
        old = world.settings.model_copy(update={"sweep_age_seconds": -1})
        swept = {each.key for each in storage.sweep(world.database, world.ports, old)}
        assert swept == set(files)
        assert world.files() == []

    def test_a_share_that_is_down_does_not_keep_it_public(
        self, world: World, owner: Player, clip: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def down(_key: str) -> None:
            raise Outage("the share does not answer")

        monkeypatch.setattr(world.ports.media, "delete", down)
        assert withdraw(world, owner, clip)[0] == 200
        assert world.client.get("/api/public/videos").json() == []
