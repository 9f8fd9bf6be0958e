"""The count in tests: sealed now, compared, and what triggers refuse, done all the same."""

from uuid import UUID

from sqlalchemy import text

from anb.counting import service as counting
from anb.db.session import UnitOfWork
from support.worlds import World


def seal(world: World) -> int:
    """Seal everything that awaits the log, as the counting process does twice a second; return how many entries."""
    total = 0
    while taken := counting.step(world.database, world.settings):
        total += taken
    return total


def differences(world: World, season_id: UUID) -> list[str]:
    """Return how rows, tallies, log and signed root differ."""
    return counting.compare_season(world.database, season_id)


def force(uow: UnitOfWork, table: str, statement: str) -> None:
    """Change rows that a trigger keeps, as only the owner of the tables could."""
    for each in (f"alter table {table} disable trigger user", statement, f"alter table {table} enable trigger user"):
        uow.execute(text(each))
