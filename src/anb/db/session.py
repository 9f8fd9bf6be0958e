"""The unit of work: one short transaction, and the actions that follow its commit."""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

from anb.db.recent import RecentReads
from anb.db.totals import Totals
from anb.errors import Outage
from anb.logs import logger
from anb.settings import Settings

log = logger(__name__)

# No transaction of ours waits for anything. If a process stops inside one (SIGSTOP, swapping), PostgreSQL must release
# its rows to other clients.
_OPTIONS = "-c timezone=UTC -c statement_timeout=15000 -c idle_in_transaction_session_timeout=10000"


class UnitOfWork:
    """An open transaction. Actions that depend on its commit go through `after_commit`.

    It takes a connection with its first statement, so a request that waits for a thread does not hold one.
    """

    def __init__(self, engine: Engine, totals: Totals, recent: RecentReads, *, commits: bool = True) -> None:
        self.totals = totals
        self.recent = recent
        self._engine = engine
        self._connection: Connection | None = None
        self._commits = commits
        self._last_acts: list[Callable[[], object]] = []
        self._followers: list[Callable[[], object]] = []

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:  # noqa: ANN401 - SQLAlchemy's own type
        """Run one statement inside the transaction."""
        return self._connected().execute(statement, parameters)

    @contextmanager
    def savepoint(self, *, keep: bool) -> Iterator[None]:
        """Run a part of the transaction; undo it if it raises, or at its end unless `keep`, with what was to follow."""
        before, savepoint = len(self._followers), self._connected().begin_nested()
        try:
            yield
        except BaseException:
            keep = False
            raise
        finally:
            if keep:
                savepoint.commit()
            else:
                savepoint.rollback()
                del self._followers[before:]

    def before_commit(self, act: Callable[[], object]) -> None:
        """Run an action at the end of this transaction: for a lock that is held briefly and taken after others."""
        if not self._commits:
            raise RuntimeError("a unit of work that only reads has no commit")
        self._last_acts.append(act)

    def after_commit(self, act: Callable[[], object]) -> None:
        """Run an action once this transaction has committed, and only then."""
        self._followers.append(act)

    def commit(self) -> None:
        """Commit the transaction, after what must happen last in it."""
        for act in self._last_acts:
            act()
        if self._connection is not None:
            self._connection.commit()

    def close(self) -> None:
        """Return the connection; uncommitted changes are rolled back."""
        if self._connection is not None:
            self._connection.close()

    @property
    def has_followers(self) -> bool:
        """Whether any action waits for the commit."""
        return bool(self._followers)

    def follow(self) -> None:
        """Run the actions that waited for the commit. The commit is already safe, so an outage is only logged.

        The reconciler and `anb storage sweep` find what a failed action leaves undone.
        """
        for act in self._followers:
            try:
                act()
            except Outage as outage:
                log.error("db.follow.outage", error=str(outage))  # noqa: TRY400 - the text says all there is

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection


class Database:
    """Two pools of connections to PostgreSQL. Make one per process, after the fork.

    Reads use connections of their own, in autocommit mode from the start. Switching a borrowed connection over and back
    took as long as four statements.
    """

    def __init__(self, engine: Engine, reader: Engine, transactions: int) -> None:
        self.engine = engine
        self.transactions = transactions  # how many can be open at once
        self._reader = reader
        self.recent = RecentReads()
        self._totals = Totals()

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Open a unit of work; commit when the block ends normally, roll back when it raises."""
        with self.committing() as uow:
            yield uow
        uow.follow()

    @contextmanager
    def committing(self) -> Iterator[UnitOfWork]:
        """Open a unit of work like `transaction`, but leave the actions after the commit to the caller (`follow`)."""
        uow = UnitOfWork(self.engine, self._totals, self.recent)
        try:
            yield uow
            uow.commit()
        finally:
            uow.close()

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a unit of work that only reads, without a transaction: BEGIN and COMMIT would double the round trips."""
        uow = UnitOfWork(self._reader, self._totals, self.recent, commits=False)
        try:
            yield uow
        finally:
            uow.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self._reader.dispose()


def connect(settings: Settings) -> Database:
    """Make the pools for the settings, without opening a connection yet."""
    readers = settings.database_pool // 4 or 1
    return connect_to(str(settings.database_url), transactions=settings.database_pool - readers, readers=readers)


def connect_to(url: str, *, transactions: int = 1, readers: int = 1) -> Database:
    """Make pools for a URL, for commands that have no settings, without opening a connection yet."""
    reader = _engine(url, readers, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)
    return Database(_engine(url, transactions), reader, transactions)


def _engine(url: str, connections: int, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's own
    engine = create_engine(
        dialect_url(url),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # people's data must not be in a log
        pool_timeout=10,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "options": _OPTIONS},
        **options,
    )
    event.listen(engine, "checkout", _still_there)
    return engine


def _still_there(connection: psycopg.Connection[Any], _record: object, _borrowed: object) -> None:
    """Check that a pooled connection is still open. Raises DisconnectionError, and the pool makes another one.

    An idle server sends nothing until it closes the connection. So only a socket with something to read needs a query:
    to query every time (`pool_pre_ping`) took as long as a real query.
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
    """Name the driver in a plain postgresql:// URL, as SQLAlchemy requires."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
