"""What the archive of a person's data says, one JSON file for each subject. Secrets and their hashes are not in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from anb.accounts import changing_email, profile
from anb.accounts import service as accounts
from anb.audit import service as audit
from anb.consents import service as consents
from anb.contest import voters
from anb.db.paging import Page
from anb.db.session import UnitOfWork
from anb.factors import service as factors
from anb.fraud import service as fraud
from anb.identities import service as identities
from anb.jury import service as jury
from anb.mail import removal as mails
from anb.mail import service as outbox
from anb.moderation import reports
from anb.photos import service as photos
from anb.photos.domain import PhotoSide
from anb.results import service as results
from anb.resumable import service as resumable
from anb.sessions import service as sessions
from anb.signals import service as signals

ROWS = 1000
PHOTO = "photo.jpg"  # its name in the archive

Rows = list[dict[str, Any]]


def gather(uow: UnitOfWork, account_id: UUID) -> Mapping[str, Any]:
    """Return what is kept of a person, except clips. Raises AccountNotFound."""
    return {name: part(uow, account_id) for name, part in PARTS.items()}


def _account(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    birth_year = profile.birth_year(uow, account_id)
    change = changing_email.find(uow, account_id)
    return {
        **asdict(accounts.who(uow, account_id)),
        "birth_year": birth_year,
        "email_change": None if change is None else asdict(change),
    }


def _profile_changes(uow: UnitOfWork, account_id: UUID) -> Rows:
    # The name of an organizer who made a change is not the person's data.
    told = (asdict(each) for each in profile.history(uow, account_id))
    return [{**each, "who": "person" if each["who"] == profile.PERSON else "organizer"} for each in told]


def photo_key(uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return the file of a person's photo; None where there is none."""
    photo = photos.own(uow, account_id)
    return None if photo is None else photo.files[PhotoSide.LARGE].key


def _photo(uow: UnitOfWork, account_id: UUID) -> dict[str, Any] | None:
    photo = photos.own(uow, account_id)
    return None if photo is None else {"file": PHOTO, "added_at": photo.added_at}


def _votes(uow: UnitOfWork, account_id: UUID) -> Rows:
    return [asdict(vote) for vote in _each_vote(uow, account_id)]


def _each_vote(uow: UnitOfWork, account_id: UUID) -> Iterator[Any]:
    page = Page(ROWS)
    while True:
        found = voters.list_votes(uow, account_id, page)
        yield from found.rows
        if found.next_after is None:
            return
        page = Page(ROWS, after=found.next_after)


def _results(uow: UnitOfWork, account_id: UUID) -> Rows:
    return results.places_of(uow, account_id)


def _jury_scores(uow: UnitOfWork, account_id: UUID) -> Rows:
    return jury.told(uow, account_id)


def _consents(uow: UnitOfWork, account_id: UUID) -> Rows:
    return [asdict(each) for each in consents.list_of(uow, account_id)]


def _guardians(uow: UnitOfWork, account_id: UUID) -> Rows:
    return [asdict(each) for each in consents.guardians_asked(uow, account_id)]


def _sessions(uow: UnitOfWork, account_id: UUID) -> Rows:
    return [asdict(each) for each in sessions.list_open(uow, account_id)]


def _signals(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    return {**signals.told(uow, account_id), "cluster": fraud.told(uow, account_id)}


def _second_factors(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    known = factors.factors_of(uow, account_id)
    keys = [{"name": each.name, "created_at": each.created_at, "used_at": each.used_at} for each in known.passkeys]
    return {"passkeys": keys, "totp_since": known.totp_since, "recovery_codes_left": known.recovery_left}


def _identities(uow: UnitOfWork, account_id: UUID) -> Rows:
    names = ("issuer", "email", "linked_at", "used_at")
    return [{name: getattr(each, name) for name in names} for each in identities.list_identities(uow, account_id)]


def _uploads(uow: UnitOfWork, account_id: UUID) -> Rows:
    names = ("id", "title", "metadata", "start_seconds", "bytes", "received", "state", "expires_at", "video_id")
    return [{name: getattr(each, name) for name in names} for each in resumable.list_of(uow, account_id)]


def _acts(uow: UnitOfWork, account_id: UUID) -> Rows:
    return audit.told(uow, account_id)


def _reports(uow: UnitOfWork, account_id: UUID) -> Rows:
    names = ("video_id", "reason", "words", "made_at", "closed_at", "outcome")
    return [{name: getattr(each, name) for name in names} for each in reports.told(uow, account_id)]


def _mails(uow: UnitOfWork, account_id: UUID) -> Rows:
    return mails.list_kinds(uow, account_id)


def _mails_switched_off(uow: UnitOfWork, account_id: UUID) -> list[str]:
    return sorted(outbox.switched_off(uow, account_id))


# By the name of the file, without `.json`. The archive adds `clips`, which goes with the videos.
PARTS: Mapping[str, Callable[[UnitOfWork, UUID], Any]] = {
    "account": _account,
    "profile_changes": _profile_changes,
    "photo": _photo,
    "votes": _votes,
    "results": _results,
    "jury_scores": _jury_scores,
    "consents": _consents,
    "guardians": _guardians,
    "sessions": _sessions,
    "signals": _signals,
    "second_factors": _second_factors,
    "identities": _identities,
    "uploads": _uploads,
    "acts": _acts,
    "reports": _reports,
    "mails": _mails,
    "mails_switched_off": _mails_switched_off,
}
