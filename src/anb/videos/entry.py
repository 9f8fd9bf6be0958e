"""The season that a clip enters: the one whose clips are awaited when it is received."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, case, func, null, select, update
from sqlalchemy import text as sql

from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.db.tables_seasons import seasons
from anb.videos.admission import SameFileAgain, TooManyClips, UploadsClosed, UploadsNotOpenYet
from anb.videos.domain import Status
from anb.videos.verdict import ConsentLoss
from anb.zones import in_colombia

_NOW = func.statement_timestamp()
# The present season, else the next one. Seasons follow one another.
_AWAITED = (
    select(
        seasons.c.id,
        seasons.c.name,
        seasons.c.opened_at,
        seasons.c.uploads_close_at,
        seasons.c.same_file_again,
        seasons.c.clips_per_player,
        _NOW.label("now"),
    )
    .where(seasons.c.closed_at.is_(None) | (seasons.c.closed_at > _NOW))
    .order_by(seasons.c.opened_at)
    .limit(1)
)
# A command that adds a season takes it alone: a clip that finds no season must be there before it looks for such clips.
_NO_NEW_SEASON = sql("select pg_advisory_xact_lock_shared(x'414E4253'::int)")


class Room(NamedTuple):
    """How many more clips a player may send to a season that limits them."""

    left: int
    most: int


def find_room(uow: UnitOfWork, owner_id: UUID) -> Room | None:
    """Return how many more clips a player may send to the season that awaits some; None: no limit.

    Raises UploadsNotOpenYet, UploadsClosed.
    """
    season = _checked(uow)
    if season is None or season.clips_per_player is None:
        return None
    most: int = season.clips_per_player
    return Room(max(0, most - _count(uow, owner_id, season.id)), most)


def check(uow: UnitOfWork) -> None:
    """Check that the season takes clips, before one is received. Raises UploadsNotOpenYet, UploadsClosed."""
    _checked(uow)


def enter(uow: UnitOfWork, owner_id: UUID, same_as: UUID | None) -> UUID | None:
    """Return the season that a clip of this player enters now.

    None between two seasons: the clip is kept for the next one. The account is locked. Raises UploadsNotOpenYet,
    UploadsClosed, TooManyClips, SameFileAgain.
    """
    season = _checked(uow)
    if season is None:
        uow.execute(_NO_NEW_SEASON)
        season = _checked(uow)
    if season is None:
        return None
    if same_as is not None and not season.same_file_again:
        raise SameFileAgain
    season_id: UUID = season.id
    check_room(uow, owner_id, season_id)
    return season_id


def admit_waiting(uow: UnitOfWork, season_id: UUID, *, published: bool) -> int:
    """Let the clips that wait for a season enter this one; return how many.

    Unless `published`, they wait for its moderators, even those that were public meanwhile: a trigger forgets that.
    """
    lost = case((videos.c.consent_lost.is_not(None), ConsentLoss.PRIVATE.value))  # the consent's return shows none
    values = {"season_id": season_id} | ({} if published else {"published_at": null(), "consent_lost": lost})
    return uow.execute(update(videos).where(videos.c.season_id.is_(None)).values(**values)).rowcount


def is_moderated(uow: UnitOfWork, video_id: UUID) -> bool:
    """Say whether the season of a video publishes nothing automatically; none is added before what follows commits."""
    rule = select(seasons.c.moderated).join(videos, videos.c.season_id == seasons.c.id).where(videos.c.id == video_id)
    moderated = uow.execute(rule).scalar_one_or_none()
    if moderated is None:
        uow.execute(_NO_NEW_SEASON)
        moderated = uow.execute(rule).scalar_one_or_none()
    return bool(moderated)


def check_room(uow: UnitOfWork, owner_id: UUID, season_id: UUID | None) -> None:
    """Check that a player may have one more clip in a season. The account is locked. Raises TooManyClips."""
    most = uow.execute(select(seasons.c.clips_per_player).where(seasons.c.id == season_id)).scalar_one_or_none()
    if season_id is not None and most is not None and _count(uow, owner_id, season_id) >= most:
        raise TooManyClips(most=most, count=most)


def _checked(uow: UnitOfWork) -> Row[tuple[object, ...]] | None:
    season = uow.execute(_AWAITED).one_or_none()
    if season is None:
        return None
    if season.now < season.opened_at:
        raise UploadsNotOpenYet(season=season.name, moment=in_colombia(season.opened_at), at=season.opened_at)
    if season.uploads_close_at is not None and season.uploads_close_at <= season.now:
        closed = season.uploads_close_at
        raise UploadsClosed(season=season.name, moment=in_colombia(closed), at=closed)
    return season


def _count(uow: UnitOfWork, owner_id: UUID, season_id: UUID) -> int:
    """Count a player's clips in a season, without those that failed, were refused, withdrawn or taken down."""
    theirs = (videos.c.owner_id == owner_id) & (videos.c.season_id == season_id)
    alive = (videos.c.status != Status.FAILED.value) & videos.c.withdrawn_at.is_(None) & videos.c.refused_at.is_(None)
    return int(uow.execute(select(func.count()).select_from(videos).where(theirs, alive)).scalar_one())
