"""Players, minors and guardians of a world whose season asks for consent."""

import re
from uuid import UUID

from sqlalchemy import select, text

from anb.consents import service as consents
from anb.consents.domain import ConsentStanding
from anb.db.tables_mail import mails
from anb.jobs import service as jobs
from anb.jobs.domain import JobState
from support.inbox import newest
from support.worlds import Player, World

MARTA = "marta@example.com"
OURS = {"Origin": "https://testserver", "Accept": "text/html", "Accept-Language": "es"}


def say(player: Player, **answer: object) -> ConsentStanding:
    """Answer by the API."""
    body = {"version": consents.current_version()} | answer
    said = player.world.client.post("/api/account/consent", json=body, headers=player.headers)
    assert said.status_code == 200, said.text
    return ConsentStanding(said.json()["standing"])


def ask_marta(player: Player, birth_year: int | None = 2012, email: str = MARTA) -> str:
    """Agree as a minor, name a guardian, and return the token of the link in the newest mail."""
    year = {} if birth_year is None else {"birth_year": birth_year}
    assert say(player, guardian_name="Marta", guardian_email=email, **year) is ConsentStanding.GUARDIAN_ASKED
    return newest_token(player.world)


def newest_token(world: World) -> str:
    """Return the token of the link that was mailed to a guardian last."""
    with world.uow() as uow:
        newest = select(mails.c.facts).where(mails.c.kind == "guardian_consent").order_by(mails.c.id.desc()).limit(1)
        facts = uow.execute(newest).scalar_one()
    found = re.fullmatch(r"/guardian\?token=([\w-]+)", facts["link"])
    assert found, facts
    return found[1]


def answer(world: World, token: str, said: str = "given", version: str | None = None) -> int:
    """Answer as a guardian does, by the form of the page; return the status."""
    form = {"token": token, "version": version or consents.current_version(), "answer": said}
    return world.client.post("/guardian", data=form, headers=OURS).status_code


def end(world: World, email: str = MARTA) -> int:
    """Take a permission back as a guardian does, by the form of the page; return the status."""
    token = newest(world, email, "guardian_thanked").token
    return world.client.post("/guardian/end", data={"token": token}, headers=OURS).status_code


def standing(player: Player) -> ConsentStanding:
    with player.world.uow() as uow:
        return consents.standing_of(uow, player.world.settings, player.id)


def job_state(player: Player, job: UUID) -> JobState:
    with player.world.uow() as uow:
        return jobs.follow(uow, job, player.id, organizer=False).state


def days_pass(world: World, days: int) -> None:
    """Move everything that waits for consent into the past."""
    with world.uow() as uow:
        for change in (
            "update guardians set asked_at = asked_at - make_interval(days => :days)",
            "update links set expires_at = expires_at - make_interval(days => :days)",
            "update jobs set available_at = available_at - make_interval(days => :days) where state = 'held'",
        ):
            uow.execute(text(change), {"days": days})
