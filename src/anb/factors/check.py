"""The check of sessions without a second factor, before what matters most."""

from uuid import UUID

from anb.db.session import Database
from anb.factors import service
from anb.factors.domain import SecondFactorNeeded


class StoredFactors:
    """The factors of the database, as `anb.web.recent` asks for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def require_strong(self, account_id: UUID) -> None:
        """Raise SecondFactorNeeded if the account has a second factor."""
        with self._database.reading() as uow:
            if service.has_factor(uow, account_id):
                raise SecondFactorNeeded
