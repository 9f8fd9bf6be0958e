"""Votes and ranks in SQL; one statement each, correct under races."""

from collections.abc import Collection
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.contest import season_store
from anb.contest.domain import CastVote, Rank, Season, VoidReason
from anb.contest.season_store import CLOCK, LATEST
from anb.db.paging import Listed, Page, count_of, cut, moment
from anb.db.session import UnitOfWork
from anb.db.tables import videos, votes
from anb.db.tables_accounts import users
from anb.db.tables_lists import list_changes
from anb.db.tables_seasons import seasons

PUBLIC = videos.c.published_at.is_not(None)
_WITHDRAWN = videos.c.withdrawn_at.is_not(None)
# Until the versions before are gone, a vote may name another season than its clip; it counts in neither.
COUNTS = votes.c.voided_at.is_(None) & (votes.c.season_id == videos.c.season_id)
_REAL_NAME = users.c.first_name + literal_column("' '") + users.c.last_name
SHOWN_NAME = func.coalesce(users.c.public_name, _REAL_NAME)


def add_vote(uow: UnitOfWork, voter_id: UUID, video_id: UUID, season_id: UUID, *, jury: bool) -> CastVote | None:
    """Add a vote; None if this voter has voted for this video, or the database refuses it.

    The unique key decides every race of a voter. A trigger locks the clip and the season, reads the clock after that,
    and inserts nothing unless the clip is public, another player's, and of a season whose votes are open.
    """
    values = {"voter_id": voter_id, "video_id": video_id, "season_id": season_id, "jury": jury, "cast_at": CLOCK}
    pseudonym = func.voter_pseudonym(votes.c.season_id, votes.c.voter_id, type_=Uuid).label("pseudonym")
    adding = upsert(votes).values(values).on_conflict_do_nothing()
    row = uow.execute(adding.returning(votes.c.id, votes.c.cast_at, pseudonym)).one_or_none()
    return None if row is None else CastVote(row.id, video_id, season_id, row.cast_at, row.pseudonym, jury=jury)


def find_votable(uow: UnitOfWork, video_id: UUID) -> tuple[UUID, UUID | None] | None:
    """Return the owner and the season of a public video."""
    query = select(videos.c.owner_id, videos.c.season_id).where(videos.c.id == video_id, PUBLIC)
    row = uow.execute(query).one_or_none()
    return None if row is None else (row.owner_id, row.season_id)


def void_votes(uow: UnitOfWork, video_id: UUID, reason: VoidReason) -> int:
    """Void the votes for a video in the open season; return how many."""
    still_open = votes.c.season_id.in_(select(seasons.c.id).where(season_store.GOES_ON))
    voided = (
        update(votes)
        .where(votes.c.video_id == video_id, COUNTS, still_open)
        .values(voided_at=func.now(), void_reason=reason.value)
    )
    return uow.execute(voided).rowcount


_NOT_FROZEN = votes.c.season_id.not_in(season_store.frozen())


def void_votes_of(uow: UnitOfWork, vote_ids: Collection[int], reason: VoidReason) -> int:
    """Void votes that count, but not those of frozen results; return how many."""
    voided = update(votes).where(votes.c.id == func.any(list(vote_ids)), votes.c.voided_at.is_(None), _NOT_FROZEN)
    return uow.execute(voided.values(voided_at=CLOCK, void_reason=reason.value)).rowcount


def restore_votes_of(uow: UnitOfWork, vote_ids: Collection[int]) -> int:
    """Let void votes count again, but not of frozen results or of a clip that left the season; return how many."""
    gone = (VoidReason.WITHDRAWN.value, VoidReason.TAKEN_DOWN.value)
    void = votes.c.voided_at.is_not(None) & votes.c.void_reason.not_in(gone)
    restored = update(votes).where(votes.c.id == func.any(list(vote_ids)), void, _NOT_FROZEN)
    return uow.execute(restored.values(voided_at=None, void_reason=None)).rowcount


def has_voted(uow: UnitOfWork, voter_id: UUID, video_id: UUID) -> bool:
    """Say whether a person has voted for a video."""
    mine = select(votes.c.id).where(votes.c.voter_id == voter_id, votes.c.video_id == video_id)
    return uow.execute(mine).first() is not None


# Each reads the end of an index; counting would take longer the more rows there are. The newest row alone would miss
# rows that are committed after a newer one: at most as many as there are concurrent transactions.
_NEWEST = 64
_NEW_VOTES = select(votes.c.id).order_by(votes.c.id.desc()).limit(_NEWEST).scalar_subquery()
_LIST_CHANGES = select(list_changes.c.id).order_by(list_changes.c.id.desc()).limit(_NEWEST).scalar_subquery()
_PASSED = (seasons.c.opened_at, seasons.c.uploads_close_at, seasons.c.votes_open_at, seasons.c.closed_at)
# How many moments of the seasons' calendars have passed: it changes with every phase, without any act.
_PHASES = (
    select(func.concat_ws(literal(","), *(func.count().filter(each <= season_store.NOW) for each in _PASSED)))
    .select_from(seasons)
    .scalar_subquery()
)
_VERSION = select(
    func.array(_NEW_VOTES),
    func.array(_LIST_CHANGES),
    LATEST,
    _PHASES,
)


def version(uow: UnitOfWork) -> str:
    """Return a text that changes with each vote, public clip, shown name, and season that begins or ends."""
    newest = uow.execute(_VERSION).one()
    return sha256(repr(tuple(map(str, newest))).encode()).hexdigest()[:16]


def _within(season: Season | None) -> ColumnElement[bool]:
    """Return the condition that a video is of a season; by default of the latest, by the clock of the statement."""
    return videos.c.season_id == (LATEST if season is None else season.id)


def _standings(city_key: str | None, season: Season | None) -> Select[Any]:
    per_player = (
        select(
            videos.c.owner_id,
            func.count(votes.c.id).filter(votes.c.jury.is_(False)).label("votes"),
            func.count(votes.c.id).filter(votes.c.jury).label("jury_votes"),
            # When the present count was reached; without votes, when the first video was published.
            func.coalesce(
                func.max(votes.c.cast_at).filter(votes.c.jury.is_(False)),
                func.min(videos.c.published_at),
                func.min(videos.c.first_published_at),
            ).label("reached_at"),
        )
        .outerjoin(votes, (votes.c.video_id == videos.c.id) & COUNTS)
        .where(PUBLIC | _WITHDRAWN, _within(season))
        .group_by(videos.c.owner_id)
        # The counts of a closed season stay when its clip is withdrawn, and with them the player.
        .having(func.bool_or(PUBLIC) | (func.count(votes.c.id) > 0))
        .subquery()
    )
    place = (per_player.c.votes.desc(), per_player.c.reached_at, users.c.id)
    query = select(
        func.row_number().over(order_by=place).label("position"),
        users.c.id.label("player_id"),
        users.c.username,
        SHOWN_NAME.label("player"),
        users.c.city,
        per_player.c.votes,
        per_player.c.jury_votes,
        per_player.c.reached_at,
    ).join(per_player, per_player.c.owner_id == users.c.id)
    return query if city_key is None else query.where(users.c.city_key == city_key)


def rank(uow: UnitOfWork, page: Page, city_key: str | None, season: Season | None = None) -> Listed[Rank]:
    """Return the players of a season by their votes: of a city, or of the whole country."""
    standings = _standings(city_key, season).subquery()
    query = select(standings).order_by(standings.c.position)
    after = page.key(count_of, moment, UUID)
    if after is not None:
        # The key is votes, time and player, not the place: another player may have that place by now.
        behind = tuple_(-standings.c.votes, standings.c.reached_at, standings.c.player_id) > (-after[0], *after[1:])
        query = query.where(behind)
    rows = [Rank(**row._mapping) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]  # noqa: SLF001
    count = select(func.count()).select_from(standings)
    total = uow.totals.of(("ranks", season and season.id, city_key), lambda: uow.execute(count).scalar_one())
    return cut(rows, total, page, lambda rank: (rank.votes, rank.reached_at.isoformat(), rank.player_id))
