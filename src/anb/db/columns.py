"""What every module of tables is made with: the metadata, and columns that many tables have."""

from sqlalchemy import Column, DateTime, MetaData, Uuid, text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

NOW = text("now()")


def id_column() -> Column[object]:
    """Primary key: PostgreSQL 18's UUIDv7, so that new rows are neighbours in the index."""
    return Column("id", Uuid, primary_key=True, server_default=text("uuidv7()"))


def time_column(name: str, *, needed: bool = False, default: bool = False) -> Column[object]:
    """Column of a moment: nullable unless `needed`; with `default`, of when the row was made."""
    return Column(name, DateTime(timezone=True), nullable=not needed, server_default=NOW if default else None)
