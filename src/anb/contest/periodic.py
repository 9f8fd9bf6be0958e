"""What runs next to the reconciler for the contest: the ranking's upkeep, and mails the day before a season closes."""

import threading
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from anb import periodic
from anb.contest import list_store, rank_upkeep, reminders, voters
from anb.db.session import Database
from anb.logs import logger
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail
from anb.zones import COLOMBIA

log = logger(__name__)

SECONDS = 60
STEP = 200  # mails of one transaction


def begin_season_work(database: Database, stopped: threading.Event) -> None:
    """Do what is due every minute until told to stop. Any number of processes may."""
    periodic.begin("seasons", SECONDS, lambda: work(database), stopped)


def work(database: Database) -> None:
    """Do what is due now. What fails is tried again a minute later."""
    try:
        with database.transaction() as uow:
            voters.end_bars(uow)  # of seasons that closed long ago
            list_store.relist_renamed(uow)
        with database.transaction() as uow:
            rank_upkeep.space_anchors(uow)
        with database.transaction() as uow:
            rank_upkeep.keep_places(uow)
        remind(database)
    except SQLAlchemyError as error:
        log.warning("contest.seasons.failed", error=repr(error))


def remind(database: Database, step: int = STEP) -> int:
    """Post a mail to each player with a public clip in the season that closes within a day; return how many.

    It goes step by step, and the season is marked after the last one: a process that follows one that died, or runs at
    the same time as another, finds the mails that are posted by their key.
    """
    with database.reading() as uow:
        season = reminders.find_closing(uow)
    if season is None or season.closed_at is None:
        return 0
    day = season.closed_at.astimezone(COLOMBIA).date().isoformat()
    count, last = 0, UUID(int=0)
    while True:
        with database.transaction() as uow:
            people = reminders.list_players(uow, season.id, last, step)
            for account_id, to in people:
                facts = {"season": season.name, "day": day, "link": "/me"}
                once = f"{MailKind.SEASON_CLOSES}:{season.id}:{account_id}"
                mail.post(uow, NewMail(MailKind.SEASON_CLOSES, to, facts, once=once))
            if len(people) < step:
                reminders.set_reminded(uow, season.id)
                log.info("contest.season.reminded", season_id=str(season.id), mails=count + len(people))
                return count + len(people)
        count, last = count + len(people), people[-1][0]
