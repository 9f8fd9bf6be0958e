"""The rows of the jury. A trigger decides whether a score is taken, by the database's clock (migration "the jury")."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Text,
    and_,
    cast,
    collate,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from anb.contest.domain import Season
from anb.contest.jury_rules import JuryRules
from anb.db.paging import Listed, Page, cut, moment
from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.db.tables_accounts import SHOWN_NAME, users
from anb.db.tables_jury import jury_scores, season_jurors
from anb.jury.domain import BLOCKS, ClipScore, Juror, JurorProgress, JuryProgress, JuryScore, ScoredClip, queue_key

T = TypeVar("T")

_SCORE = (
    jury_scores.c.video_id,
    jury_scores.c.marks,
    jury_scores.c.note,
    jury_scores.c.revision,
    jury_scores.c.scored_at,
)


def find_juror(uow: UnitOfWork, season_id: UUID, juror_id: UUID) -> Juror | None:
    """Return a juror of a season."""
    mine = (season_jurors.c.season_id == season_id) & (season_jurors.c.juror_id == juror_id)
    columns = (season_jurors.c.season_id, season_jurors.c.juror_id, season_jurors.c.place, season_jurors.c.set_aside_at)
    row = uow.execute(select(*columns).where(mine)).one_or_none()
    return None if row is None else _read(Juror, row)


def add_juror(uow: UnitOfWork, season_id: UUID, juror_id: UUID) -> None:
    """Give a juror the next place, unless they have one, or another juror takes it in this moment."""
    last = select(func.max(season_jurors.c.place)).where(season_jurors.c.season_id == season_id).scalar_subquery()
    values = {"season_id": season_id, "juror_id": juror_id, "place": func.coalesce(last + 1, 0)}
    uow.execute(insert(season_jurors).values(values).on_conflict_do_nothing())


def set_aside(uow: UnitOfWork, season_id: UUID, juror_id: UUID, *, aside: bool) -> bool:
    """Set a juror's scores aside, or count them again; False if they were so, or the person is not a juror."""
    mine = (season_jurors.c.season_id == season_id) & (season_jurors.c.juror_id == juror_id)
    before = season_jurors.c.set_aside_at.is_(None) if aside else season_jurors.c.set_aside_at.is_not(None)
    changed = update(season_jurors).where(mine, before).values(set_aside_at=func.now() if aside else None)
    return uow.execute(changed).rowcount > 0


def queue(uow: UnitOfWork, rules: JuryRules, juror: Juror, after: UUID | None = None) -> UUID | None:
    """Return the next clip without a score in a juror's queue; after a clip, and from the beginning again."""
    key = _key(juror)
    order = [key] if after is None else [key <= queue_key(juror, after), key]
    rows = select(videos.c.id).outerjoin(jury_scores, _own(juror)).where(_queued(juror), ~_holds(rules))
    return uow.execute(rows.order_by(*order).limit(1)).scalar_one_or_none()


def progress(uow: UnitOfWork, rules: JuryRules, juror: Juror) -> JuryProgress:
    """Return how many clips of a juror's queue are scored."""
    counts = select(func.count().filter(_holds(rules)), func.count())
    rows = counts.select_from(videos).outerjoin(jury_scores, _own(juror)).where(_queued(juror))
    return JuryProgress._make(uow.execute(rows).one())


def find_score(uow: UnitOfWork, juror_id: UUID, video_id: UUID) -> JuryScore | None:
    """Return a juror's score of a clip."""
    mine = (jury_scores.c.juror_id == juror_id) & (jury_scores.c.video_id == video_id)
    row = uow.execute(select(*_SCORE).where(mine)).one_or_none()
    return None if row is None else _read(JuryScore, row)


def list_own(uow: UnitOfWork, juror: Juror, page: Page) -> Listed[JuryScore]:
    """Return a juror's scores of clips that are in the queue, the latest first."""
    given = and_(_own(juror), jury_scores.c.marks.is_not(None))
    query = select(*_SCORE).join(videos, given).where(_queued(juror))
    total = uow.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    after = page.key(moment, UUID)
    if after is not None:
        query = query.where(tuple_(jury_scores.c.scored_at, jury_scores.c.video_id) < after)
    query = query.order_by(jury_scores.c.scored_at.desc(), jury_scores.c.video_id.desc())
    rows = [_read(JuryScore, row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    return cut(rows, total, page, lambda score: (score.scored_at.isoformat(), score.video_id))


def put(
    uow: UnitOfWork, juror: Juror, video_id: UUID, marks: Mapping[str, int] | None, note: str | None, seen: int | None
) -> JuryScore | None:
    """Write a score, or without marks take it back; None if the trigger refuses, or it is not the one that was seen."""
    values = {"juror_id": juror.id, "video_id": video_id, "season_id": juror.season_id, "marks": marks, "note": note}
    putting = insert(jury_scores).values(values)
    changed = putting.on_conflict_do_update(
        index_elements=["juror_id", "video_id"],
        set_={"marks": putting.excluded.marks, "note": putting.excluded.note, "revision": jury_scores.c.revision + 1},
        where=None if seen is None else jury_scores.c.revision == seen,
    )
    row = uow.execute(changed.returning(*_SCORE)).one_or_none()
    return None if row is None else _read(JuryScore, row)


def list_clips(uow: UnitOfWork, season: Season) -> list[ScoredClip]:
    """Return the clips that count: public ones, and those that were withdrawn after the season's close."""
    stays = videos.c.withdrawn_at >= season.closed_at if season.closed_at is not None else literal(False)  # noqa: FBT003 - SQL's
    query = (
        select(
            videos.c.id,
            videos.c.owner_id,
            users.c.city_key,
            users.c.city,
            videos.c.title,
            SHOWN_NAME,
            videos.c.first_published_at,
        )
        .join(users, users.c.id == videos.c.owner_id)
        .where(videos.c.season_id == season.id, or_(videos.c.published_at.is_not(None), stays))
        .order_by(videos.c.first_published_at, videos.c.id)
    )
    return [_read(ScoredClip, row) for row in uow.execute(query)]


def list_scores(uow: UnitOfWork, season_id: UUID, also: UUID | None = None) -> list[ClipScore]:
    """Return the scores of a season, except those taken back, and those set aside unless they are of juror `also`."""
    counts = (season_jurors.c.season_id == jury_scores.c.season_id) & (
        season_jurors.c.juror_id == jury_scores.c.juror_id
    )
    query = (
        select(jury_scores.c.video_id, jury_scores.c.juror_id, jury_scores.c.marks, jury_scores.c.note)
        .join(season_jurors, counts)
        .where(jury_scores.c.season_id == season_id, jury_scores.c.marks.is_not(None))
        .where(or_(season_jurors.c.set_aside_at.is_(None), season_jurors.c.juror_id == also))
        .order_by(season_jurors.c.place)
    )
    return [_read(ClipScore, row) for row in uow.execute(query)]


def list_jurors(uow: UnitOfWork, season_id: UUID) -> list[JurorProgress]:
    """Return everyone who has the role, or has been a juror of the season, with how many clips they scored."""
    scored = (
        select(func.count())
        .where(jury_scores.c.season_id == season_id, jury_scores.c.juror_id == users.c.id)
        .where(jury_scores.c.marks.is_not(None))
        .scalar_subquery()
    )
    is_juror = and_(users.c.role == "juror", users.c.erased_at.is_(None))
    joined = (season_jurors.c.season_id == season_id) & (season_jurors.c.juror_id == users.c.id)
    query = (
        select(users.c.id, SHOWN_NAME, is_juror, scored, season_jurors.c.set_aside_at)
        .outerjoin(season_jurors, joined)
        .where(or_(is_juror, season_jurors.c.place.is_not(None)))
        .order_by(season_jurors.c.place.nulls_last(), users.c.id)
    )
    return [_read(JurorProgress, row) for row in uow.execute(query)]


def list_of(uow: UnitOfWork, juror_id: UUID) -> Sequence[Row[Any]]:
    """Return a juror's scores of all seasons, oldest first."""
    query = select(*_SCORE, jury_scores.c.season_id).where(jury_scores.c.juror_id == juror_id)
    return uow.execute(query.order_by(jury_scores.c.scored_at)).all()


def erase_notes(uow: UnitOfWork, account_id: UUID) -> int:
    """Erase a juror's notes, and those on a player's clips; return how many."""
    theirs = select(videos.c.id).where(videos.c.owner_id == account_id)
    about = (jury_scores.c.juror_id == account_id) | jury_scores.c.video_id.in_(theirs)
    return uow.execute(update(jury_scores).where(about, jury_scores.c.note.is_not(None)).values(note=None)).rowcount


def _read(kind: Callable[..., T], row: Row[Any]) -> T:
    values: tuple[Any, ...] = tuple(row)  # in the order of its fields
    return kind(*values)


def _own(juror: Juror) -> ColumnElement[bool]:
    return (jury_scores.c.video_id == videos.c.id) & (jury_scores.c.juror_id == juror.id)


def _queued(juror: Juror) -> ColumnElement[bool]:
    """Return the condition that a clip is in a juror's queue: public, of the season, and another person's."""
    return and_(
        videos.c.season_id == juror.season_id, videos.c.published_at.is_not(None), videos.c.owner_id != juror.id
    )


def _holds(rules: JuryRules) -> ColumnElement[bool]:
    """Return the condition that a score has a mark of the scale for each criterion."""
    marks = [cast(jury_scores.c.marks[each.name].astext, Integer) for each in rules.criteria]
    return func.coalesce(and_(*(one.between(rules.lowest, rules.highest) for one in marks)), literal_column("false"))


def _key(juror: Juror) -> ColumnElement[str]:
    """Return `domain.queue_key` in SQL."""
    block = func.get_byte(_hash(juror.season_id), 0, type_=Integer) // (256 // BLOCKS)
    turn = func.lpad(cast((block - juror.start + BLOCKS) % BLOCKS, Text), 2, "0")
    return collate(turn.concat(func.encode(_hash(juror.id), "hex")), "C")


def _hash(whose: UUID) -> ColumnElement[bytes]:
    return func.sha256(func.convert_to(literal(str(whose)).concat(cast(videos.c.id, Text)), "UTF8"))
