"""`anb count`: what it shows, what it finds where rows or leaves were tampered with, and how it rebuilds tallies."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.votelog import recount
from support.browser_client import published
from support.closing import season_id
from support.commands import Anb, anb_on
from support.counting import force, seal
from support.plans import explained
from support.worlds import World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


class TestCommands:
    def test_they_show_find_and_rebuild_what_was_tampered_with(self, world: World, anb: Anb) -> None:
        clip, voter = published(world, world.player()), world.player("Ana Paz")
        assert world.client.post(f"/api/public/videos/{clip}/vote", headers=voter.headers).status_code == 200
        assert "temporada-de-prueba" in anb("count", "status").output
        seal(world)
        assert anb("count", "verify").exit_code == 0
        with world.uow() as uow:
            uow.execute(text("update player_tallies set votes = 9"))
            uow.execute(text("update clip_tallies set last_index = 0"))
        found = anb("count", "verify")
        assert found.exit_code == 1
        assert f"clip {clip}: the tally says 1" in found.output
        assert "is not the sum of the clips" in found.output
        before = world.client.get("/api/public/rankings").headers["ETag"]
        assert "1 clips" in anb("count", "rebuild", "temporada-de-prueba").output
        assert world.client.get("/api/public/rankings").headers["ETag"] != before
        assert anb("count", "verify").exit_code == 0

    @pytest.mark.parametrize(
        ("table", "statement", "said"),
        [
            ("votes", "update votes set jury = true", "the rows say 0 and 1"),
            ("log_leaves", "update log_leaves set entry = set_byte(entry, 1, 1) where vote_id is not null", "root"),
            ("log_leaves", "delete from log_leaves where vote_id is not null", "leaves, and 1 are there"),
        ],
        ids=["row", "leaf", "deleted"],
    )
    def test_they_find_a_changed_row_and_a_changed_leaf(
        self, world: World, anb: Anb, table: str, statement: str, said: str
    ) -> None:
        clip, voter = published(world, world.player()), world.player("Ana Paz")
        assert world.client.post(f"/api/public/videos/{clip}/vote", headers=voter.headers).status_code == 200
        seal(world)
        with world.uow() as uow:
            force(uow, table, statement)
        assert said in anb("count", "verify").output

    def test_a_rebuild_repairs_whatever_was_tampered_with_and_writes_nothing_else(self, world: World, anb: Anb) -> None:
        owners = [world.player(name) for name in ("Ana Paz", "Eva Gil", "Luz Mar")]
        clips, voter = [published(world, owner) for owner in owners], world.player("Sol Rey")
        for clip in clips:
            assert world.client.post(f"/api/public/videos/{clip}/vote", headers=voter.headers).status_code == 200
        seal(world)
        before = _tallies(world)
        untouched = _written_by(world, clips[2])
        with world.uow() as uow:
            uow.execute(text("delete from clip_tallies where video_id = :clip"), {"clip": clips[0]})
            uow.execute(text("delete from player_tallies where player_id = :owner"), {"owner": owners[0].id})
            hidden = text("update clip_tallies set votes = 7, is_open = false where video_id = :clip")
            uow.execute(hidden, {"clip": clips[1]})
            uow.execute(text("insert into voided_leaves (season_id, index) select season_id, size - 1 from log_heads"))
        assert "3 clips" in anb("count", "rebuild", "temporada-de-prueba").output
        assert _tallies(world) == before
        assert _written_by(world, clips[2]) == untouched
        assert anb("count", "verify").exit_code == 0

    def test_whatever_statistics_say_a_whole_season_is_joined_and_not_looked_up_row_by_row(self, world: World) -> None:
        # With statistics of lost tallies, a rebuild of 100,000 players had not ended after ten minutes.
        published(world, world.player())
        seal(world)
        with world.uow() as uow, explained(uow) as plans:
            recount.rebuild(uow, season_id(world))
            recount.compare(uow, season_id(world))
        told = "\n".join(plans)
        assert "CTE counted" in told
        assert not re.findall("Nested Loop|SubPlan", told), told

    def test_a_comparison_may_take_longer_than_a_request(self, world: World) -> None:
        with world.uow() as uow:
            recount.compare(uow, UUID(int=0))
            limits = ("statement_timeout", "idle_in_transaction_session_timeout")
            assert [uow.execute(text(f"show {name}")).scalar_one() for name in limits] == ["0", "0"]

    def test_what_follows_a_comparison_is_planned_as_ever(self, world: World) -> None:
        shown = "select array_agg(setting order by name) from pg_settings where name in ('enable_nestloop', 'work_mem')"
        with world.uow() as uow:
            before = uow.execute(text(shown)).scalar_one()
            recount.compare(uow, UUID(int=0))
            assert uow.execute(text(shown)).scalar_one() == before


def _tallies(world: World) -> list[list[object]]:
    with world.uow() as uow:
        return [
            [tuple(row) for row in uow.execute(text(f"select * from {table} order by 1, 2")).all()]  # noqa: S608
            for table in ("clip_tallies", "player_tallies", "voided_leaves")
        ]


def _written_by(world: World, clip: UUID) -> str:
    """Return the transaction that wrote the tally of a clip last."""
    with world.uow() as uow:
        found = text("select xmin::text from clip_tallies where video_id = :clip")
        writer: str = uow.execute(found, {"clip": clip}).scalar_one()
    return writer
