"""The plans of what is asked of PostgreSQL."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event, text

from anb.db.session import UnitOfWork

_ACTUAL = re.compile(r"rows=(\d+)(?:\.\d+)? loops=(\d+)\)")
_INDEX = re.compile(r"Index (?:Only )?Scan(?: Backward)? (?:using|on) (\w+)")
_WHOLE = re.compile(r"Seq Scan on (\w+)")
_CALLED = re.compile(r"(?:Filter|Cond): .*\b(words_wanted|folded_words)\(")  # functions of the database
_PARAMETER = re.compile(r"%\((\w+)\)s")
GENERIC = "explain (generic_plan)"  # what PostgreSQL runs once it has seen a statement often


class Scans(NamedTuple):
    """What statements read."""

    indexes: set[str]
    tables: set[str]  # that were read from end to end
    rows: int  # the most that a step of any plan put out


@contextmanager
def explained(uow: UnitOfWork, how: str = "explain") -> Iterator[list[str]]:
    """Collect the plans of what is asked; they are there once the block has ended."""
    asked: list[tuple[str, Any]] = []
    plans: list[str] = []
    connection = uow.execute(text("select 1")).connection

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    yield plans
    event.remove(connection, "before_cursor_execute", note)
    for statement, parameters in asked:
        if statement.startswith("set local"):  # the statements after it are planned with it
            connection.exec_driver_sql(statement)
        elif how == GENERIC:
            names = list(dict.fromkeys(_PARAMETER.findall(statement)))
            plain = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)  # noqa: B023 - called at once
            plans += connection.exec_driver_sql(f"{how} {plain}").scalars().all()
        else:
            plans += connection.exec_driver_sql(f"{how} {statement}", parameters).scalars().all()


def scans(plans: list[str]) -> Scans:
    """Sum up plans of `explain analyze`."""
    told = "\n".join(plans)
    rows = [int(rows) * int(loops) for rows, loops in _ACTUAL.findall(told)]
    return Scans(set(_INDEX.findall(told)), set(_WHOLE.findall(told)), max(rows, default=0))


def called_for_each_row(plans: list[str]) -> set[str]:
    """Return the functions of ours that a plan calls again for each row."""
    return set(_CALLED.findall("\n".join(plans)))
