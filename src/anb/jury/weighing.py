"""What changes if a juror's scores are set aside, or count again."""

from uuid import UUID

from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.jury import scoring, store
from anb.jury.domain import AsideEffect, JurorNotFound, NoJury


def weigh(uow: UnitOfWork, season: Season, juror_id: UUID, *, aside: bool) -> AsideEffect:
    """Return what the decision changes; nothing if it is so already. Raises NoJury, JurorNotFound."""
    if season.jury is None:
        raise NoJury(season=season.name)
    juror = next((one for one in store.list_jurors(uow, season.id) if one.id == juror_id), None)
    if juror is None:
        raise JurorNotFound
    if aside == (juror.set_aside_at is not None):
        return AsideEffect(juror.name, scores=0, alone=0, moved=0)
    clips, given = store.list_clips(uow, season), store.list_scores(uow, season.id, also=juror_id)
    return scoring.weigh(season.jury, clips, given, juror)
