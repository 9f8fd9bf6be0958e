"""The count in tests: what triggers refuse, done all the same."""

from sqlalchemy import text

from anb.db.session import UnitOfWork


def force(uow: UnitOfWork, table: str, statement: str) -> None:
    """Change rows that a trigger keeps, as only the owner of the tables could."""
    for each in (f"alter table {table} disable trigger user", statement, f"alter table {table} enable trigger user"):
        uow.execute(text(each))
