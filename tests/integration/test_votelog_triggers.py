"""What the database itself refuses of votes, by any client, and what it writes down for the log."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anb.contest import service as contest
from anb.contest.domain import VoidReason
from support.browser_client import published
from support.counting_client import leave_uncounted
from support.leaving import close, vote, withdraw
from support.worlds import Player, World

INSERT = """
insert into votes (voter_id, video_id, season_id, jury, cast_at)
values (:voter, :video, coalesce(cast(:season as uuid), (select season_id from videos where id = :video)), false, now())
"""
MOMENTS = {
    "before they open": "update seasons set opened_at = now() + interval '1 day'",
    "after the close": "update seasons set opened_at = now() - interval '2 s', closed_at = now() - interval '1 s'",
    "of a hidden clip": "update videos set published_at = null",
    "of a withdrawn clip": "update videos set published_at = null, withdrawn_at = now()",
}
NEVER_PUBLIC = """
insert into videos (owner_id, season_id, title, status, original_key, original_bytes, original_sha256,
    duration_seconds, processed_at)
select owner_id, season_id, 'nunca', 'processed', 'originals/nunca', 1, '-', 22, now() from videos
"""
NEW = "select kind from pending_entries order by id"


@pytest.fixture(autouse=True)
def _not_counted(world: World) -> None:
    """Leave what awaits the log to the test."""
    leave_uncounted(world.client)


@pytest.fixture
def owner(world: World) -> Player:
    return world.player()


@pytest.fixture
def clip(world: World, owner: Player) -> UUID:
    return published(world, owner)


def insert(world: World, voter: UUID, video: UUID, season: UUID | None = None) -> int:
    with world.uow() as uow:
        return uow.execute(text(INSERT), {"voter": voter, "video": video, "season": season}).rowcount


def awaited(world: World) -> list[int]:
    with world.uow() as uow:
        return list(uow.execute(text(NEW)).scalars())


def change(world: World, statement: str) -> None:
    with world.uow() as uow:
        uow.execute(text(statement))


class TestWhatIsRefused:
    @pytest.mark.parametrize("when", MOMENTS)
    def test_a_vote_when_it_cannot_count(self, world: World, clip: UUID, when: str) -> None:
        voter = world.player("Ana Paz")
        change(world, MOMENTS[when])
        assert insert(world, voter.id, clip) == 0

    def test_a_vote_for_ones_own_clip(self, world: World, owner: Player, clip: UUID) -> None:
        assert insert(world, owner.id, clip) == 0

    def test_a_vote_in_another_season_than_the_clips(self, world: World, clip: UUID) -> None:
        world.season(moderated=False)
        with world.uow() as uow:
            present = contest.current_season(uow)
        assert present is not None
        assert insert(world, world.player("Ana Paz").id, clip, present.id) == 0

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from votes",
            "update votes set jury = true",
            "update votes set cast_at = now() + interval '1 s'",
            "update votes set voided_at = now(), void_reason = 'fraud', jury = true",
        ],
    )
    def test_every_change_of_a_vote_but_its_voiding(self, world: World, clip: UUID, statement: str) -> None:
        assert insert(world, world.player("Ana Paz").id, clip) == 1
        with pytest.raises(IntegrityError, match="is never deleted"):
            change(world, statement)


class TestWhatIsAwaited:
    def test_a_clip_and_each_vote_with_one_pseudonym_a_person(self, world: World, owner: Player, clip: UUID) -> None:
        other = published(world, owner, "otro")
        ana, eva = world.player("Ana Paz"), world.player("Eva Paz")
        for voter, video in ((ana, clip), (ana, other), (eva, clip)):
            assert vote(world, voter, video) == 200
        with world.uow() as uow:
            rows = uow.execute(text("select pseudonym, voter_id from pending_entries where kind = 6 order by id")).all()
        assert awaited(world) == [1, 1, 6, 6, 6]
        assert rows[0] == rows[1]
        assert rows[0].pseudonym not in {rows[2].pseudonym, ana.id, None}

    def test_a_void_and_its_end_but_not_that_of_a_withdrawal(self, world: World, owner: Player, clip: UUID) -> None:
        assert vote(world, world.player("Ana Paz"), clip) == 200
        change(world, "update votes set voided_at = now(), void_reason = 'fraud'")
        change(world, "update votes set voided_at = null, void_reason = null")
        withdraw(world, owner, clip)
        assert awaited(world) == [1, 6, 7, 8, 5]

    @pytest.mark.usefixtures("clip")
    def test_what_hides_and_restores_a_clip_and_where_its_player_lives(self, world: World) -> None:
        change(world, "update videos set published_at = null")
        change(world, "update videos set published_at = first_published_at")
        change(world, "update users set city = 'Leticia' where id = (select owner_id from videos)")
        change(world, "update videos set title = 'nuevo'")
        assert awaited(world) == [1, 4, 1, 2]

    @pytest.mark.usefixtures("clip")
    def test_a_clip_that_was_never_public_is_gone_without_an_entry(self, world: World) -> None:
        change(world, NEVER_PUBLIC)
        change(world, "update videos set withdrawn_at = now() where title = 'nunca'")
        assert awaited(world) == [1]

    @pytest.mark.usefixtures("clip")
    def test_nothing_after_the_close_and_all_of_it_once_the_season_goes_on(self, world: World) -> None:
        close(world)
        change(world, "update videos set published_at = null")
        change(world, "update users set city = 'Leticia'")
        assert awaited(world) == [1]
        change(world, "update seasons set closed_at = null")
        assert awaited(world) == [1, 4, 2]

    def test_what_is_undone_leaves_nothing(self, world: World, clip: UUID) -> None:
        assert vote(world, world.player("Ana Paz"), clip) == 200
        with world.uow() as uow, uow.savepoint(keep=False):
            contest.void_votes(uow, clip, VoidReason.FRAUD)
            uow.execute(text("update videos set published_at = null"))
        assert awaited(world) == [1, 6]
