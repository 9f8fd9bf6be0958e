"""The operations of the contest: open and close a season, publish, list, vote, rank."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role, fold
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.contest import store, voters
from anb.contest.domain import (
    ASKS_NOTHING,
    AlreadyVoted,
    EmailNotConfirmed,
    OwnVideo,
    PublicClip,
    Rank,
    Season,
    SeasonClosed,
    SeasonOpenAlready,
    SeasonRules,
    VoidReason,
    VotedBefore,
)
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.jobs.domain import Claim
from anb.logs import record
from anb.ports import Ports
from anb.videos import processing
from anb.videos import service as videos
from anb.videos.domain import NewRendition, VideoNotFound


def open_season(uow: UnitOfWork, by: AuditActor, name: str, rules: SeasonRules = ASKS_NOTHING) -> Season:
    """Open a season. Raises SeasonOpenAlready."""
    season = store.add_season(uow, name, rules)
    if season is None:
        raise SeasonOpenAlready
    uow.after_commit(partial(record, "contest.season.opened", season_id=season.id))
    audit.record(uow, by, Act.SEASON_OPENED, _target(season), details={"name": name, **asdict(rules)})
    return season


def close_season(uow: UnitOfWork, by: AuditActor, reason: str = "") -> None:
    """Close the season: votes no longer count. Raises SeasonClosed."""
    season = store.open_season(uow)
    if season is None or not store.close_season(uow):
        raise SeasonClosed
    voters.end_bars(uow)
    uow.after_commit(partial(record, "contest.season.closed", season_id=season.id))
    audit.record(uow, by, Act.SEASON_CLOSED, _target(season), reason)


def _target(season: Season) -> AuditTarget:
    return AuditTarget(TargetKind.SEASON, str(season.id))


def current_season(uow: UnitOfWork) -> Season | None:
    """Return the open season."""
    return store.open_season(uow)


def open_first_season(uow: UnitOfWork, by: AuditActor, name: str) -> Season | None:
    """Open the first season ever, as on a new machine; None if a season existed before."""
    return None if store.has_seasons(uow) else open_season(uow, by, name)


def publish(
    uow: UnitOfWork, ports: Ports, claim: Claim, made: Sequence[NewRendition], timings: dict[str, float]
) -> bool:
    """Publish an edit. A first edit is open to votes at once, unless the open season is moderated.

    Return False if the claim was lost meanwhile and the files must not be shown.
    """
    season = store.open_season(uow)
    at_once = season is None or not season.moderated
    return processing.finish(uow, ports, claim, made, timings, open_to_votes=at_once)


def list_public(uow: UnitOfWork, page: Page, city: str | None = None) -> Listed[PublicClip]:
    """Return the videos open to votes, newest first; `city` ignores case and accents."""
    return store.list_public(uow, page, None if city is None else fold(city))


def show_public(uow: UnitOfWork, video_id: UUID) -> PublicClip:
    """Return a video open to votes. Raises VideoNotFound."""
    clip = store.get_public(uow, video_id)
    if clip is None:
        raise VideoNotFound
    return clip


def has_voted(uow: UnitOfWork, voter: UUID, video_id: UUID) -> bool:
    """Say whether a person has voted for a video."""
    return store.has_voted(uow, voter, video_id)


def cities(uow: UnitOfWork) -> list[str]:
    """Return the cities that have players with public videos."""
    return store.cities(uow)


def cast_vote(uow: UnitOfWork, ports: Ports, actor: Actor, video_id: UUID) -> None:
    """Count one vote; a juror's is counted apart, and never as one of the public.

    Raises AccountNotFound, VideoNotFound, OwnVideo, SeasonClosed, EmailNotConfirmed, VotedBefore, AlreadyVoted,
    SecondFactorNeeded.
    """
    account = accounts.hold(uow, actor.account_id)  # else an erasure could miss this vote
    voter = account.id
    video = videos.find_public(uow, video_id, hold=True)  # else a withdrawal could miss this vote
    if video.owner_id == voter:
        raise OwnVideo
    season = store.open_season(uow)
    if season is None:
        raise SeasonClosed
    if season.asks_confirmation and not account.is_confirmed:
        raise EmailNotConfirmed
    if voters.is_barred(uow, season.id, voters.mark_of(ports, account.email)):
        raise VotedBefore
    if not store.add_vote(uow, voter, video_id, season.id, jury=accounts.acts_as(uow, actor, Role.JUROR)):
        raise AlreadyVoted


def void_votes(uow: UnitOfWork, video_id: UUID, reason: VoidReason) -> int:
    """Void the votes for a video that were cast in the open season, and return how many; their rows stay.

    Votes of a closed season have been counted and stay.
    """
    return store.void_votes(uow, video_id, reason)


def version(uow: UnitOfWork) -> str:
    """Return a text that changes when the public lists do: a vote, a video, a season."""
    return store.version(uow)


def rank(uow: UnitOfWork, page: Page, city: str | None = None) -> Listed[Rank]:
    """Return the players by their votes: of a city, or of the whole country."""
    return store.rank(uow, page, None if city is None else fold(city))
