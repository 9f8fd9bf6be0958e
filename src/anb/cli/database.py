"""The database of the commands: one transaction for a command that reads or writes rows and needs no port."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from anb.db.session import UnitOfWork, connect
from anb.logs import configure
from anb.settings import Settings, of_here


@contextmanager
def transaction(settings: Settings | None = None) -> Iterator[UnitOfWork]:
    """Open a transaction with these settings, or with those of the stack that runs here; it commits at the end."""
    known = settings or of_here()
    configure(known.log_format)
    with closing(connect(known)) as database, database.transaction() as uow:
        yield uow
