"""The verbs of the contest: open and close a season, list, vote, rank."""

from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Role, fold
from anb.contest import store
from anb.contest.domain import (
    AlreadyVoted,
    OwnVideo,
    PublicClip,
    Rank,
    Season,
    SeasonClosed,
    SeasonOpenAlready,
)
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.videos import service as videos
from anb.videos.domain import VideoNotFound


def open_season(uow: UnitOfWork, name: str, *, moderated: bool = False) -> Season:
    """Open a season. Raises SeasonOpenAlready."""
    season = store.add_season(uow, name, moderated=moderated)
    if season is None:
        raise SeasonOpenAlready
    return season


def close_season(uow: UnitOfWork) -> None:
    """Close the season: no vote counts from now on. Raises SeasonClosed."""
    if not store.close_season(uow):
        raise SeasonClosed


def current_season(uow: UnitOfWork) -> Season | None:
    """Return the season that is open."""
    return store.open_season(uow)


def open_first_season(uow: UnitOfWork, name: str) -> Season | None:
    """Open a season where there never was one, as on a new machine; None elsewhere."""
    return None if store.has_seasons(uow) else store.add_season(uow, name, moderated=False)


def list_public(uow: UnitOfWork, page: Page, city: str | None = None) -> Listed[PublicClip]:
    """Return the videos open to votes, newest first; of one city, however it is spelled."""
    return store.list_public(uow, page, None if city is None else fold(city))


def show_public(uow: UnitOfWork, video_id: UUID) -> PublicClip:
    """Return a video open to votes. Raises VideoNotFound."""
    clip = store.get_public(uow, video_id)
    if clip is None:
        raise VideoNotFound
    return clip


def has_voted(uow: UnitOfWork, voter: UUID, video_id: UUID) -> bool:
    """Say whether somebody has voted for a video."""
    return store.has_voted(uow, voter, video_id)


def cities(uow: UnitOfWork) -> list[str]:
    """Return the cities that have players with public videos."""
    return store.cities(uow)


def cast_vote(uow: UnitOfWork, voter: UUID, video_id: UUID) -> None:
    """Count one vote, a juror's apart. Raises VideoNotFound, OwnVideo, SeasonClosed, AlreadyVoted."""
    account = accounts.who(uow, voter)
    video = videos.find_public(uow, video_id)
    if video.owner_id == voter:
        raise OwnVideo
    season = store.open_season(uow)
    if season is None:
        raise SeasonClosed
    if not store.add_vote(uow, voter, video_id, season.id, jury=account.role is Role.JUROR):
        raise AlreadyVoted


def rank(uow: UnitOfWork, page: Page, city: str | None = None) -> Listed[Rank]:
    """Return the players by their votes: of a city, or of the whole country."""
    return store.rank(uow, page, None if city is None else fold(city))
