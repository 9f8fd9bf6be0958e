"""Telling players of the results: one mail for each player of the season, once."""

from datetime import timedelta

from anb.db.session import Database
from anb.logs import logger
from anb.mail import service as mail
from anb.mail.domain import Facts, MailKind, NewMail
from anb.results import store

log = logger(__name__)

WITHIN = timedelta(days=7)  # nobody is told of results that were due long ago, as when an old season is counted again
STEP = 200  # mails of one transaction


def tell(database: Database, step: int = STEP) -> int:
    """Post a mail to each player in results that became public; return to how many.

    It goes step by step, and the season is marked after the last one: a process that follows one that died, or runs at
    the same time as another, finds the mails that are posted by their key. A later version is told to nobody again.
    """
    with database.reading() as uow:
        found = store.find_untold(uow, WITHIN)
    if found is None:
        return 0
    count = last = 0
    while True:
        with database.transaction() as uow:
            players = store.list_players(uow, found.id, last, step)
            for place, to in players:
                if to is not None:
                    facts: Facts = {
                        "season": found.season,
                        "position": place.position,
                        "votes": place.votes,
                        "link": f"/results?season={found.slug}",
                    }
                    once = f"{MailKind.RESULTS}:{found.season_id}:{place.player_id}"
                    mail.post(uow, NewMail(MailKind.RESULTS, to, facts, once=once))
                    count += 1
            if len(players) < step:
                store.set_told(uow, found.season_id)
                log.info("results.season.told", season_id=str(found.season_id), mails=count)
                return count
        last = players[-1][0].position
