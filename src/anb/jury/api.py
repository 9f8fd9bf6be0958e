"""The HTTP endpoints of jurors: their queue, the clips in it, and their scores."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from anb.accounts.acting import ActorDep
from anb.accounts.domain import Actor
from anb.contest.domain import SeasonNotFound
from anb.contest.jury_schemas import JuryRulesSchema
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.jury import service
from anb.jury.clip_names import clip_of, name_of
from anb.jury.domain import (
    InvalidMark,
    JurorsOnly,
    JuryClosed,
    NoJury,
    OwnClip,
    QueuedClip,
    ScoreChanged,
    ScoresSetAside,
)
from anb.jury.schemas import JuryClip, NewScore, OwnScore, QueueShown, ScoreShown
from anb.media.renditions import Rendition
from anb.ports import Ports
from anb.videos import service as videos
from anb.videos.domain import VideoNotFound
from anb.web.deps import PortsDep, SettingsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.share import FILE_CACHE, MEDIA_LOCATION
from anb.web.targets import site_address

router = APIRouter(prefix="/api/jury", tags=["jury"])

ALWAYS = (JurorsOnly, SecondFactorNeeded)
SCORING = (*ALWAYS, VideoNotFound, OwnClip, JuryClosed, ScoresSetAside, ScoreChanged)
WATCHED = (Rendition.PROCESSED, Rendition.LIGHT, Rendition.POSTER)

Slug = Annotated[
    str | None,
    Query(max_length=100, pattern=r"^[a-z0-9-]+$", description="The season; by default the one whose jury is open."),
]
ClipName = Annotated[str, Path(max_length=100, description="The clip, by its name in the queue.")]
After = Annotated[str | None, Query(max_length=100, description="Continue after this clip, to leave it for later.")]
Watched = Literal["processed", "light", "poster"]


def acting_juror(actor: ActorDep, uow: UowDep) -> Actor:
    """Return the calling juror. Raises NotSignedIn, JurorsOnly, SecondFactorNeeded."""
    service.check_juror(uow, actor)
    return actor


JurorDep = Annotated[Actor, Depends(acting_juror, scope="function")]


def named_clip(clip: ClipName, _: JurorDep, ports: PortsDep) -> UUID:
    """Return the clip of a name. Raises VideoNotFound, NotSignedIn, JurorsOnly, SecondFactorNeeded."""
    found = clip_of(ports, clip)
    if found is None:
        raise VideoNotFound
    return found


ClipDep = Annotated[UUID, Depends(named_clip, scope="function")]


@router.get("", responses=refusals(*ALWAYS, NoJury, SeasonNotFound), response_model_exclude_none=True)
def show_queue(
    request: Request, juror: JurorDep, uow: UowDep, ports: PortsDep, settings: SettingsDep, season: Slug = None,
    after: After = None,
) -> QueueShown:  # fmt: skip
    """Show the caller's queue, and the next clip without a score."""
    queue = service.show_queue(uow, juror, season, clip_of(ports, after) if after else None)
    following = queue.next and service.show_clip(uow, juror, queue.next)
    return QueueShown(
        season=queue.season.name,
        slug=queue.season.slug,
        rules=JuryRulesSchema.model_validate(queue.rules),
        open=queue.season.takes_scores,
        closes_at=queue.season.jury_ends_at,
        scored=queue.progress.scored,
        total=queue.progress.total,
        next=_shown(following, ports, site_address(request, settings)) if following else None,
    )


@router.get("/scores", responses=refusals(*ALWAYS, NoJury, SeasonNotFound, InvalidPage))
def list_scores(
    request: Request, response: Response, juror: JurorDep, uow: UowDep, ports: PortsDep, page: PageDep,
    season: Slug = None,
) -> list[OwnScore]:  # fmt: skip
    """List the caller's scores, the latest first."""
    _, found = service.list_scores(uow, juror, page, season)
    announce(request, response, found)
    return [OwnScore(clip=name_of(ports, one.video_id), **ScoreShown.of(one).model_dump()) for one in found.rows]


@router.get("/clips/{clip}", responses=refusals(*ALWAYS, VideoNotFound), response_model_exclude_none=True)
def show_clip(
    request: Request, clip: ClipDep, juror: JurorDep, uow: UowDep, ports: PortsDep, settings: SettingsDep
) -> JuryClip:
    """Show a clip, and the caller's score."""
    return _shown(service.show_clip(uow, juror, clip), ports, site_address(request, settings))


@router.put("/clips/{clip}/score", dependencies=[limited("change")], responses=refusals(*SCORING, InvalidMark))
def score_clip(clip: ClipDep, juror: JurorDep, uow: UowDep, body: NewScore) -> ScoreShown:
    """Score a clip, or change the score. Harmless when repeated."""
    return ScoreShown.of(service.score(uow, juror, clip, body.marks, body.note or None, body.revision))


@router.delete(
    "/clips/{clip}/score",
    dependencies=[limited("change")],
    responses=refusals(*SCORING),
    response_model_exclude_none=True,
)
def take_score_back(
    request: Request, clip: ClipDep, juror: JurorDep, uow: UowDep, ports: PortsDep, settings: SettingsDep
) -> JuryClip:
    """Take the score of a clip back: the clip is in the queue again. Harmless when repeated."""
    service.take_back(uow, juror, clip)
    return _shown(service.show_clip(uow, juror, clip), ports, site_address(request, settings))


@router.head("/clips/{clip}/{rendition}", include_in_schema=False)
@router.get(
    "/clips/{clip}/{rendition}",
    response_class=Response,
    responses={
        200: {
            "description": "The file.",
            "content": {
                "video/mp4": {"schema": {"type": "string", "format": "binary"}},
                "image/jpeg": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        206: {"description": "The range of it that was asked for."},
        416: {"description": "There is no such range."},
        **refusals(*ALWAYS, VideoNotFound),
    },
)
def fetch_clip(clip: ClipDep, rendition: Watched, uow: UowDep) -> Response:
    """Send a file of a clip, with Range, under a name without the title."""
    video = videos.find_public(uow, clip)
    file = video.files.get(Rendition(rendition))
    if file is None:
        raise VideoNotFound
    return Response(
        headers={
            "X-Accel-Redirect": MEDIA_LOCATION + file.key,
            "Content-Type": file.media_type,
            "Content-Disposition": "inline",
            "Cross-Origin-Resource-Policy": "same-origin",
            FILE_CACHE: "private, no-store",
        }
    )


def _shown(found: QueuedClip, ports: Ports, site: str) -> JuryClip:
    clip, name = found.clip, name_of(ports, found.clip.id)
    shown = JuryClip(
        clip=name,
        files={one: f"{site}/api/jury/clips/{name}/{one}" for one in WATCHED if one in clip.renditions},
        seconds=clip.seconds,
        score=None if found.score is None else ScoreShown.of(found.score),
    )
    if found.rules.blind:
        return shown
    told = {name: getattr(clip, name) for name in ("title", "player", "city", "votes", "jury_votes")}
    return shown.model_copy(update=told)
