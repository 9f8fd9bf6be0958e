"""The HTTP door of the contest: endpoints 7 to 9. Lists are the same for everybody, so nginx may share them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints, TypeAdapter

from anb.accounts.domain import AccountNotFound
from anb.contest import service
from anb.contest.domain import AlreadyVoted, OwnVideo, SeasonClosed
from anb.contest.schemas import ClipListed, RankListed, Voted, clip_listed, rank_listed
from anb.db.answers import Answer
from anb.db.paging import InvalidPage, Page
from anb.videos.domain import VideoNotFound
from anb.web.deps import CallerId, SettingsDep, UowDep, database_of, in_turn, settings_of
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.paging import PageDep, announce
from anb.web.problems import ServiceUnavailable, refusals

router = APIRouter(prefix="/api/public", tags=["contest"])

City = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
    | None,
    Query(description="Only this city, however it is spelled: `bogota` is Bogotá."),
]
# A list may be this old (seconds): one query a second serves any number of people.
SHARED_SECONDS = 1
CLIPS = TypeAdapter(list[ClipListed])


def _share(response: Response) -> None:
    response.headers["Cache-Control"] = f"public, max-age={SHARED_SECONDS}"


@router.get("/videos", response_model=list[ClipListed], responses=refusals(InvalidPage, ServiceUnavailable))
async def list_public_videos(request: Request, page: PageDep, city: City = None) -> Response:
    """List the videos open to votes, newest first."""
    # The most read of all: one thread from the query to the JSON, and nothing that FastAPI has to find out. Its own way
    # takes four threads and judges the JSON too.
    return await in_turn(request, partial(_public_videos, request, page, city))


def _public_videos(request: Request, page: Page, city: str | None) -> Response:
    with database_of(request).reading() as uow:
        found = service.list_public(uow, page, city)
    base = str(settings_of(request).public_url or request.base_url).rstrip("/")
    body = CLIPS.dump_json([clip_listed(clip, base) for clip in found.rows])
    response = Response(body, media_type="application/json")
    announce(request, response, found)
    _share(response)
    return response


@router.post(
    "/videos/{video_id}/vote",
    response_model=Voted,
    responses=refusals(AccountNotFound, VideoNotFound, AlreadyVoted, OwnVideo, SeasonClosed, KeyReused, KeyInUse),
)
def vote(video_id: UUID, caller: CallerId, uow: UowDep, settings: SettingsDep, key: IdempotencyKey = None) -> Response:
    """Vote for a video, once."""
    once = Once(caller, key, settings.idempotency_seconds, "vote", video_id)
    answer = once.before(uow)
    if answer is None:
        answer = Answer(200, Voted().model_dump(mode="json"))
        once.keep(uow, answer)
        service.cast_vote(uow, caller, video_id)
    return replay(answer)


@router.get("/rankings", responses=refusals(InvalidPage))
def list_rankings(
    request: Request, response: Response, uow: UowDep, page: PageDep, city: City = None
) -> list[RankListed]:
    """Rank the players by the public's votes: of a city, or of the whole country."""
    found = service.rank(uow, page, city)
    announce(request, response, found)
    _share(response)
    return [rank_listed(rank) for rank in found.rows]
