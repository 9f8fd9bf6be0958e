"""People who sign up with the form of our page, where the season asks for consent."""

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from anb.accounts import recovery
from anb.consents import service as consents
from anb.consents.domain import Consents, ConsentStanding
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import links, users
from anb.db.tables_consents import consents as agreements
from anb.db.tables_consents import guardians
from anb.db.tables_mail import mails
from support.browser_client import form
from support.consenting import MARTA
from support.worlds import World

LUCIA = "lucia@example.com"
AGREED = {"version": "2026-11-30", "agree": "yes"}
GUARDIAN = {"guardian_name": "Marta", "guardian_email": MARTA}
ADULT = AGREED | {"birth_year": "1990"}
MINOR = AGREED | GUARDIAN | {"birth_year": "2012"}


def sign_up(visitor: TestClient, answers: dict[str, str], **person: str) -> tuple[int, str]:
    """Send the form; return the status, and the page or where it leads."""
    sent = visitor.post("/signup", data=form(**{"email": LUCIA} | person) | answers)
    return sent.status_code, sent.headers.get("location", sent.text)


def known_of(world: World, email: str = LUCIA) -> tuple[ConsentStanding, Consents]:
    with world.uow() as uow:
        account = recovery.find(uow, email)
        return consents.standing_of(uow, world.settings, account.id), consents.known_of(uow, account.id)


def rows(uow: UnitOfWork) -> list[int]:
    """Count everything that a sign-up may leave."""
    tables = (users, agreements, guardians, links, mails)
    return [uow.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
