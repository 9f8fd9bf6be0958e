"""The operations of the jury: a juror's queue and scores, standings and their spread for organizers."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import ReasonNeeded, Season
from anb.contest.jury_rules import JuryRules
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.jury import scoring, store
from anb.jury.domain import (
    Juror,
    JurorNotFound,
    JurorProgress,
    JurorsOnly,
    JuryClosed,
    JuryQueue,
    JuryScore,
    JuryStanding,
    NoJury,
    OwnClip,
    QueuedClip,
    ScoreChanged,
    ScoresSetAside,
    SpreadClip,
    check_marks,
)
from anb.logs import record
from anb.videos import service as videos
from anb.videos.domain import VideoNotFound
from anb.zones import in_colombia


def check_juror(uow: UnitOfWork, actor: Actor) -> None:
    """Check that a juror acts. Raises JurorsOnly, SecondFactorNeeded."""
    if not accounts.acts_as(uow, actor, Role.JUROR):
        raise JurorsOnly


def judged_season(uow: UnitOfWork, slug: str | None = None) -> Season:
    """Return a season with a jury: by its slug, else one whose jury is open, else the latest.

    Raises NoJury, SeasonNotFound.
    """
    known = seasons.list_begun(uow) if slug is None else [seasons.show(uow, slug)]
    judged = [season for season in known if season.jury is not None]
    if not judged:
        raise NoJury(season=known[0].name if known else "-")
    return next((season for season in judged if season.takes_scores), judged[0])


def show_queue(uow: UnitOfWork, actor: Actor, slug: str | None = None, after: UUID | None = None) -> JuryQueue:
    """Return a juror's queue, with the next clip without a score: in their order, or after a clip.

    Raises JurorsOnly, SecondFactorNeeded, NoJury, SeasonNotFound.
    """
    check_juror(uow, actor)
    season = judged_season(uow, slug)
    rules, juror = _rules(season), _join(uow, season.id, actor.account_id)
    progress = store.progress(uow, rules, juror)
    aside = juror.set_aside_at is not None
    following = store.queue(uow, rules, juror, after) if season.takes_scores and not aside else None
    return JuryQueue(season, rules, progress, aside, following)


def show_clip(uow: UnitOfWork, actor: Actor, video_id: UUID) -> QueuedClip:
    """Return a public clip of a judged season to a juror. Raises JurorsOnly, SecondFactorNeeded, VideoNotFound."""
    check_juror(uow, actor)
    clip = contest.show_public(uow, video_id)
    season = contest.season_of(uow, video_id)
    if season is None or season.jury is None:
        raise VideoNotFound
    return QueuedClip(clip, season, season.jury, store.find_score(uow, actor.account_id, video_id))


def list_scores(uow: UnitOfWork, actor: Actor, page: Page, slug: str | None = None) -> tuple[Season, Listed[JuryScore]]:
    """Return a juror's own scores, the latest first. Raises JurorsOnly, SecondFactorNeeded, NoJury, SeasonNotFound."""
    check_juror(uow, actor)
    season = judged_season(uow, slug)
    return season, store.list_own(uow, _join(uow, season.id, actor.account_id), page)


def score(
    uow: UnitOfWork, actor: Actor, video_id: UUID, marks: Mapping[str, int], note: str | None, seen: int | None
) -> JuryScore:
    """Score a clip, or change its score; `seen` is the revision that the juror changes, 0 for none, None for any.

    Raises JurorsOnly, SecondFactorNeeded, VideoNotFound, OwnClip, JuryClosed, ScoresSetAside, InvalidMark,
    ScoreChanged.
    """
    juror, rules = _scoring(uow, actor, video_id)
    check_marks(rules, marks)
    return _put(uow, juror, video_id, dict(marks), note, seen)


def take_back(uow: UnitOfWork, actor: Actor, video_id: UUID) -> None:
    """Take a score back: the clip is in the queue again. Harmless when repeated.

    Raises the refusals of `score`, except InvalidMark and ScoreChanged.
    """
    juror, _ = _scoring(uow, actor, video_id)
    before = store.find_score(uow, juror.id, video_id)
    if before is not None and before.marks is not None:
        _put(uow, juror, video_id, None, None, None)


def find_score(uow: UnitOfWork, juror_id: UUID, video_id: UUID) -> JuryScore | None:
    """Return a juror's score of a clip."""
    return store.find_score(uow, juror_id, video_id)


def is_open(uow: UnitOfWork, season: Season) -> bool:
    """Say whether a season's jury still scores, by the clock of the database at this moment."""
    return seasons.show(uow, season.slug).takes_scores


def standings(uow: UnitOfWork, season: Season) -> list[JuryStanding]:
    """Return the players of a season by the jury's scores of their best clips; none without a jury."""
    if season.jury is None:
        return []
    return scoring.stand(season.jury, store.list_clips(uow, season), store.list_scores(uow, season.id))


def list_jurors(uow: UnitOfWork, season: Season) -> list[JurorProgress]:
    """Return the jurors of a season with how far they are."""
    return store.list_jurors(uow, season.id)


def list_spread(uow: UnitOfWork, season: Season) -> list[SpreadClip]:
    """Return the clips of a season with how far their scores are apart, those that differ most first."""
    if season.jury is None:
        return []
    rules = season.jury
    given = scoring.by_clip(rules, store.list_scores(uow, season.id))
    jurors = [one.id for one in store.list_jurors(uow, season.id) if one.is_juror and one.set_aside_at is None]
    clips = [scoring.spread(rules, one, given.get(one.video_id, []), jurors) for one in store.list_clips(uow, season)]
    return sorted(clips, key=lambda one: -1.0 if one.deviation is None else one.deviation, reverse=True)


def set_aside(uow: UnitOfWork, by: AuditActor, season: Season, juror_id: UUID, reason: str, *, aside: bool) -> None:
    """Set the scores of a juror aside, or count them again. Harmless when repeated.

    Raises ReasonNeeded, JurorNotFound.
    """
    if not reason.strip():
        raise ReasonNeeded(season=season.name)
    if all(one.id != juror_id for one in store.list_jurors(uow, season.id)):
        raise JurorNotFound
    _join(uow, season.id, juror_id)
    if not store.set_aside(uow, season.id, juror_id, aside=aside):
        return
    act = Act.SCORES_SET_ASIDE if aside else Act.SCORES_RESTORED
    said = f"jury.{act.value.replace('_', '.', 1)}"
    uow.after_commit(partial(record, said, account_id=by.account_id, juror_id=juror_id, season_id=season.id))
    target = AuditTarget(TargetKind.ACCOUNT, str(juror_id), juror_id)
    audit.record(uow, by, act, target, reason, {"season": str(season.id)})


def told(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """Return a juror's scores, for the archive of their data."""
    return [dict(row._mapping) for row in store.list_of(uow, account_id)]  # noqa: SLF001 - SQLAlchemy's public name


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Erase the notes that a person wrote as a juror, and those on their clips; return how many. Marks stay."""
    return store.erase_notes(uow, account_id)


def _rules(season: Season) -> JuryRules:
    if season.jury is None:
        raise NoJury(season=season.name)
    return season.jury


def _join(uow: UnitOfWork, season_id: UUID, juror_id: UUID) -> Juror:
    """Return a juror of a season, who gets a place there the first time."""
    while (known := store.find_juror(uow, season_id, juror_id)) is None:
        store.add_juror(uow, season_id, juror_id)
    return known


def _scoring(uow: UnitOfWork, actor: Actor, video_id: UUID) -> tuple[Juror, JuryRules]:
    """Return the juror of a clip and the rules, while the jury is open. The database decides again."""
    check_juror(uow, actor)
    account = accounts.hold(uow, actor.account_id)  # else an erasure could miss this note
    video = videos.find_public(uow, video_id)
    season = contest.season_of(uow, video_id)
    if season is None or season.jury is None:
        raise VideoNotFound
    if video.owner_id == account.id:
        raise OwnClip
    if not season.takes_scores:
        raise _closed(season)
    juror = _join(uow, season.id, account.id)
    if juror.set_aside_at is not None:
        raise ScoresSetAside(season=season.name)
    return juror, season.jury


def _put(
    uow: UnitOfWork, juror: Juror, video_id: UUID, marks: Mapping[str, int] | None, note: str | None, seen: int | None
) -> JuryScore:
    saved = store.put(uow, juror, video_id, marks, note, seen)
    if saved is not None:
        return saved
    now = store.find_score(uow, juror.id, video_id)
    if now is not None and seen is not None and now.revision != seen:
        if (now.marks, now.note) == (marks, note):
            return now  # a second click
        raise ScoreChanged
    raise _refusal(uow, juror, video_id)


def _refusal(uow: UnitOfWork, juror: Juror, video_id: UUID) -> Refusal:
    """Return why the database took no score that was fine a moment ago: what has changed meanwhile."""
    season = contest.season_of(uow, video_id)
    if season is None or season.jury is None:
        return VideoNotFound()
    known = store.find_juror(uow, season.id, juror.id)
    if known is None or known.set_aside_at is not None:
        return ScoresSetAside(season=season.name)
    if not accounts.who(uow, juror.id).is_juror:
        return JurorsOnly()
    # Or the rules changed since: as with a second window, the juror looks again.
    return ScoreChanged() if season.takes_scores else _closed(season)


def _closed(season: Season) -> JuryClosed:
    ends = season.jury_ends_at
    return JuryClosed(season=season.name, moment=in_colombia(ends) if ends else "-")
