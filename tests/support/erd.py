"""Draws the tables as Mermaid's entity-relationship diagram, and lists the constraints that the database enforces."""

from collections.abc import Iterator
from typing import TypeVar

from sqlalchemy import CheckConstraint, Column, Constraint, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import dialect

R = TypeVar("R", bound=Constraint)

POSTGRES = dialect()  # type: ignore[no-untyped-call]
# Mermaid wants a type in one word; these are PostgreSQL's own short names of the long ones.
SHORT = {"timestamp with time zone": "timestamptz", "double precision": "float8"}


def draw(metadata: MetaData) -> str:
    """Return the diagram as a block of Markdown."""
    lines = ["```mermaid", "erDiagram"]
    for table in metadata.sorted_tables:
        lines += [f"    {line}" for line in _relations(table)]
    for table in metadata.sorted_tables:
        lines += [f"    {table.name} {{", *(f"        {_column(table, one)}" for one in table.columns), "    }"]
    return "\n".join([*lines, "```"])


def promises(metadata: MetaData) -> str:
    """Return the table of constraints, in SQL."""
    lines = ["| table | always true |", "|---|---|"]
    lines += [f"| {table.name} | `{rule}` |" for table in metadata.sorted_tables for rule in _rules(table)]
    return "\n".join(lines)


def _relations(table: Table) -> Iterator[str]:
    for column in table.columns:
        for key in column.foreign_keys:
            parent = "|o" if column.nullable else "||"
            yield f"{key.column.table.name} {parent}--o{{ {table.name} : {column.name}"


def _column(table: Table, column: Column[object]) -> str:
    kind = column.type.compile(dialect=POSTGRES).lower()
    marks = {"PK": column.primary_key, "FK": bool(column.foreign_keys), "UK": _is_alone_unique(table, column)}
    keys = ", ".join(mark for mark, holds in marks.items() if holds)
    note = '"may be null"' if column.nullable else ""
    return " ".join(word for word in (SHORT.get(kind, kind), column.name, keys, note) if word)


def _is_alone_unique(table: Table, column: Column[object]) -> bool:
    return any(list(rule.columns) == [column] for rule in table.constraints if isinstance(rule, UniqueConstraint))


def _rules(table: Table) -> Iterator[str]:
    for check in sorted(_of(table, CheckConstraint), key=lambda rule: str(rule.name)):
        yield str(check.sqltext)
    for unique in sorted(_of(table, UniqueConstraint), key=lambda rule: str(rule.name)):
        yield f"unique ({', '.join(column.name for column in unique.columns)})"
    for index in sorted((one for one in table.indexes if one.unique), key=_name):
        where = index.dialect_options["postgresql"]["where"]
        condition = "" if where is None else f" where {where}"
        yield f"unique ({', '.join(str(part) for part in index.expressions)}){condition}"


def _name(index: Index) -> str:
    return str(index.name)


def _of(table: Table, kind: type[R]) -> list[R]:
    return [rule for rule in table.constraints if isinstance(rule, kind)]
