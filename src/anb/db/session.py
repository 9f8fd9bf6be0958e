"""The unit of work: one short transaction, and what is to happen once it is safe."""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from anb.db.totals import Totals
from anb.errors import Outage
from anb.logs import logger
from anb.settings import Settings

log = logger(__name__)

# No transaction of ours waits for anything. A process that stands still inside one (stopped, swapped out) must not keep
# its rows from everybody else.
_OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c idle_in_transaction_session_timeout=10000"


class UnitOfWork:
    """A transaction under way. Whatever must not happen unless it commits goes through `after_commit`.

    It takes a connection with its first statement: who waits for a thread meanwhile keeps nobody from theirs.
    """

    def __init__(self, engine: Engine, totals: Totals) -> None:
        self.totals = totals
        self._engine = engine
        self._connection: Connection | None = None
        self._followers: list[Callable[[], object]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:  # noqa: ANN401 - SQLAlchemy's own type
        """Run one statement inside the transaction."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection.execute(statement, parameters)

    def after_commit(self, act: Callable[[], object]) -> None:
        """Do something once, and only if, this transaction has committed."""
        self._followers.append(act)

    def commit(self) -> None:
        """Make it last."""
        if self._connection is not None:
            self._connection.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if self._connection is not None:
            self._connection.close()

    def follow(self) -> None:
        """Run what waited for the commit. It stands whatever fails now, so an outage is told to operators only.

        What it leaves is found by those who look for it: the reconciler, and `anb storage sweep`.
        """
        for act in self._followers:
            try:
                act()
            except Outage as outage:
                log.error("db.follow.outage", error=str(outage))  # noqa: TRY400 - the text says all there is


class Database:
    """Two pools of connections to PostgreSQL. One per process: make it after a fork, not before.

    Those that only read have connections of their own, which commit each statement by themselves from the start. To
    switch a borrowed one over and back took as long as four statements.
    """

    def __init__(self, engine: Engine, reader: Engine, transactions: int) -> None:
        self.engine = engine
        self.transactions = transactions  # how many can be open at once
        self._reader = reader
        self._totals = Totals()

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Open a unit of work; commit when the block ends well, roll back when it raises."""
        uow = UnitOfWork(self.engine, self._totals)
        try:
            yield uow
            uow.commit()
        finally:
            uow.close()
        uow.follow()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a unit of work that only reads, each statement on its own: BEGIN and COMMIT would double the trips."""
        uow = UnitOfWork(self._reader, self._totals)
        try:
            yield uow
        finally:
            uow.close()

    def close(self) -> None:
        """Give every connection back to the server."""
        self.engine.dispose()
        self._reader.dispose()


def connect(settings: Settings) -> Database:
    """Make the pools that the settings describe; no connection is opened yet."""
    readers = settings.database_pool // 4 or 1
    transactions = settings.database_pool - readers
    reader = _engine(settings, readers, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    return Database(_engine(settings, transactions), reader, transactions)


def _engine(settings: Settings, connections: int, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own
    engine = create_engine(
        dialect_url(str(settings.database_url)),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # what people told us is nobody's to read in a log
        pool_timeout=10,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "options": _OPTIONS},
        **options,
    )
    event.listen(engine, "checkout", _still_there)
    return engine


def _still_there(connection: psycopg.Connection[Any], _record: object, _borrowed: object) -> None:
    """Look whether a connection of the pool still lives; raise DisconnectionError, and the pool makes another.

    At rest a server says nothing until it hangs up. So only a socket with something to read is worth a question: to ask
    every time (`pool_pre_ping`) took as long as a query.
    """
    silent = select.poll()
    silent.register(connection.fileno(), select.POLLIN)
    if not silent.poll(0):
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError as error:
        raise DisconnectionError from error


def dialect_url(url: str) -> str:
    """Name the driver in a plain postgresql:// address, as SQLAlchemy wants it."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
