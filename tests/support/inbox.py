"""The mails that a world has posted, as the owner of an address would find them."""

from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from anb.db.tables_mail import mails
from support.worlds import World


class PostedMail(NamedTuple):
    """A mail in the outbox."""

    kind: str
    language: str
    facts: dict[str, Any]
    name: str  # in the greeting

    @property
    def path(self) -> str:
        """Return the path of its link, with the query."""
        return str(self.facts["link"])

    @property
    def token(self) -> str:
        """Return the token in its link."""
        return parse_qs(urlsplit(self.path).query)["token"][0]


def inbox(world: World, email: str) -> list[PostedMail]:
    """Return the mails to an address, oldest first."""
    rows = (
        select(mails.c.kind, mails.c.language, mails.c.facts, mails.c.name)
        .where(mails.c.address == email)
        .order_by(mails.c.id)
    )
    with world.database.reading() as uow:
        return [PostedMail(row.kind, row.language, row.facts, row.name) for row in uow.execute(rows)]


def newest(world: World, email: str, kind: str) -> PostedMail:
    """Return the newest mail of a kind to an address."""
    return [mail for mail in inbox(world, email) if mail.kind == kind][-1]
