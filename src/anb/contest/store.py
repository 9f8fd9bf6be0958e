"""Votes and ranks in SQL; one statement each, correct under races."""

from collections.abc import Collection
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from anb.contest import season_store
from anb.contest.domain import Season, VoidReason, Votable
from anb.contest.season_store import CLOCK, LATEST
from anb.db.session import UnitOfWork
from anb.db.tables import videos, votes
from anb.db.tables_contest import barred_voters
from anb.db.tables_lists import list_changes
from anb.db.tables_ranking import place_days
from anb.db.tables_seasons import seasons
from anb.db.tables_votelog import log_heads, pending_entries
from anb.votelog.publishing import PromisedVote

PUBLIC = videos.c.published_at.is_not(None)
_WITHDRAWN = videos.c.withdrawn_at.is_not(None)
# Until the versions before are gone, a vote may name another season than its clip; it counts in neither.
COUNTS = votes.c.voided_at.is_(None) & (votes.c.season_id == videos.c.season_id)


# Each vote asks these two. To build them anew each time took longer than PostgreSQL's answers; SQLAlchemy compiles an
# insert with ON CONFLICT anew each time, so that one is text.
_BARRED = (
    select(barred_voters.c.since)
    .where(barred_voters.c.season_id == videos.c.season_id, barred_voters.c.mark == bindparam("mark", type_=Text))
    .exists()
)
_VOTABLE = (
    select(videos.c.owner_id, _BARRED.label("is_barred"), *season_store.COLUMNS)
    .select_from(videos.outerjoin(seasons, seasons.c.id == videos.c.season_id))
    .where(videos.c.id == bindparam("video", type_=Uuid), PUBLIC)
)
_ADD_VOTE = text("""
insert into votes (voter_id, video_id, season_id, jury, cast_at)
values (:voter, :video, :season, :jury, clock_timestamp()) on conflict do nothing
returning id, cast_at, voter_pseudonym(season_id, voter_id) as pseudonym
""")


def find_votable(uow: UnitOfWork, video_id: UUID, mark: str) -> Votable | None:
    """Return a public video as one votes for it whose e-mail has a mark."""
    row = uow.execute(_VOTABLE, {"video": video_id, "mark": mark}).one_or_none()
    if row is None:
        return None
    season = None if row.id is None else season_store.read(row, "owner_id", "is_barred")
    return Votable(row.owner_id, season, is_barred=row.is_barred)


def add_vote(uow: UnitOfWork, voter_id: UUID, video_id: UUID, season: Season, *, jury: bool) -> PromisedVote | None:
    """Add a vote; None if this voter has voted for this video, or the database refuses it.

    The unique key decides every race of a voter. A trigger locks the clip and the season, reads the clock after that,
    and inserts nothing unless the clip is public, another player's, and of a season whose votes are open.
    """
    values = {"voter": voter_id, "video": video_id, "season": season.id, "jury": jury}
    row = uow.execute(_ADD_VOTE, values).one_or_none()
    if row is None:
        return None
    whose = (season.id, season.slug, video_id, voter_id)
    return PromisedVote(row.id, *whose, jury, row.cast_at, season.closed_at, row.pseudonym)


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
    return voted_as_juror(uow, voter_id, video_id) is not None


def voted_as_juror(uow: UnitOfWork, voter_id: UUID, video_id: UUID) -> bool | None:
    """Say whether a person's vote for a video is a juror's; None without a vote."""
    mine = select(votes.c.jury).where(votes.c.voter_id == voter_id, votes.c.video_id == video_id)
    jury: bool | None = uow.execute(mine).scalar_one_or_none()
    return jury


def voted_among(uow: UnitOfWork, voter_id: UUID, video_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some videos that a person has voted for."""
    mine = select(votes.c.video_id).where(votes.c.voter_id == voter_id, votes.c.video_id == func.any(list(video_ids)))
    return set(uow.execute(mine).scalars())


def owned_among(uow: UnitOfWork, owner_id: UUID, video_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some videos that are a person's own."""
    own = select(videos.c.id).where(videos.c.owner_id == owner_id, videos.c.id == func.any(list(video_ids)))
    return set(uow.execute(own).scalars())


def awaits_log(uow: UnitOfWork, voter_id: UUID, video_id: UUID) -> bool:
    """Say whether a person's vote for a video, as one of the public, is not in the log yet."""
    waiting = pending_entries.c
    mine = (waiting.voter_id == voter_id) & (waiting.video_id == video_id) & waiting.jury.is_(False)
    return uow.execute(select(waiting.id).where(mine).limit(1)).first() is not None


# Each reads the end of an index; counting would take longer the more rows there are. The newest row alone would miss
# rows that are committed after a newer one: at most as many as there are concurrent transactions.
_NEWEST = 64
_SEALED = func.concat(log_heads.c.season_id, log_heads.c.size)
_SIZES = select(func.string_agg(_SEALED, aggregate_order_by(literal(","), log_heads.c.season_id))).scalar_subquery()
_DAY = select(func.max(place_days.c.day)).scalar_subquery()  # the places from which movement is counted
_LIST_CHANGES = select(list_changes.c.id).order_by(list_changes.c.id.desc()).limit(_NEWEST).scalar_subquery()
_PASSED = (seasons.c.opened_at, seasons.c.uploads_close_at, seasons.c.votes_open_at, seasons.c.closed_at)
# How many moments of the seasons' calendars have passed: it changes with every phase, without any act.
_PHASES = (
    select(func.concat_ws(literal(","), *(func.count().filter(each <= season_store.NOW) for each in _PASSED)))
    .select_from(seasons)
    .scalar_subquery()
)
_VERSION = select(
    _SIZES,
    _DAY,
    func.array(_LIST_CHANGES),
    LATEST,
    _PHASES,
)


def note_change(uow: UnitOfWork) -> None:
    """Note that lists and rankings changed without a leaf of the log: their version changes with it."""
    uow.execute(insert(list_changes))


def version(uow: UnitOfWork) -> str:
    """Return a text that changes with each leaf of the log, public clip, shown name, and season that begins or ends."""
    newest = uow.execute(_VERSION).one()
    return sha256(repr(tuple(map(str, newest))).encode()).hexdigest()[:16]
