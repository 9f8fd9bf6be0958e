"""A season that closes, and what its results say."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.results.closing import SeasonCloser
from anb.votelog import service as votelog
from support.counting import seal
from support.leaving import close
from support.waiting import until
from support.worlds import World

SLUG = "temporada-de-prueba"


def season_id(world: World, slug: str = SLUG) -> UUID:
    """Return the id of a season."""
    with world.uow() as uow:
        return UUID(str(uow.execute(text("select id from seasons where slug = :slug"), {"slug": slug}).scalar_one()))


def move(world: World, **seconds: float) -> None:
    """Put moments of the latest season this many seconds from now, by the database's clock."""
    with world.uow() as uow:
        for name, distance in seconds.items():
            moment = f"clock_timestamp() + make_interval(secs => {distance})"
            latest = "select id from seasons order by opened_at desc limit 1"
            uow.execute(text(f"update seasons set {name} = {moment} where id = ({latest})"))  # noqa: S608 - our own names


def settled(world: World, *, closes: bool = True) -> SeasonCloser:
    """Close the season, count, and let the closer work until it has nothing more to do."""
    if closes:
        close(world)
    closer = SeasonCloser(world.database, world.settings)
    for _ in range(4):
        seal(world)
        until(lambda: has_passed(world))
        closer.work()
    return closer


def has_passed(world: World) -> bool:
    """Say whether every transaction has ended that a close waits for, in whichever database of the engine."""
    waits = (
        "closing_at is distinct from closed_at and closing_xid > pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    )
    with world.database.reading() as uow:
        return uow.execute(text(f"select from log_heads where {waits}")).first() is None


def shown(world: World, slug: str = SLUG, **query: Any) -> Any:
    """Return the public results of a season."""
    answer = world.client.get(f"/api/public/seasons/{slug}/results", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def frozen(world: World) -> int:
    """Return how many versions of results there are."""
    with world.uow() as uow:
        return int(uow.execute(text("select count(*) from results")).scalar_one())


def hold_pending(uow: UnitOfWork, season: UUID) -> list[int]:
    """Hold every vote that waits for the log; return their ids."""
    batch = votelog.take(uow, season, 100)
    ids = [entry.vote_id for entry in batch.votes if entry.vote_id is not None]
    votelog.hold(uow, batch, {vote_id: ["a test"] for vote_id in ids})
    return ids
