"""The HTTP endpoints of the contest: 7 to 9 of the contract. nginx may cache their lists, the same for everyone."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import StringConstraints, TypeAdapter

from anb.accounts.acting import actor_of
from anb.accounts.domain import AccountNotFound, fold
from anb.contest import challenged, seasons, service, suggestions
from anb.contest.domain import (
    AlreadyVoted,
    EmailNotConfirmed,
    OwnVideo,
    SeasonClosed,
    SeasonNotFound,
    TooManyVotesToday,
    VotedBefore,
    VotesNotOpenYet,
)
from anb.contest.listing import InvalidList, ListOrder, WantedClips
from anb.contest.log_api import promise_vote, show_promise
from anb.contest.schemas import ClipListed, RankListed, Suggested, Voted, clip_listed, rank_listed
from anb.db.paging import InvalidPage, Listed, Page
from anb.db.session import UnitOfWork
from anb.db.stored_responses import StoredResponse
from anb.factors.domain import SecondFactorNeeded
from anb.signals import service as signals
from anb.signals.domain import SignalKind, Trace
from anb.videos.domain import VideoNotFound
from anb.web.deps import (
    CallerLaterDep,
    UowDep,
    database_of,
    limit_readers,
    ports_of,
    require_caller,
    settings_of,
)
from anb.web.idempotency import IdempotencyKey, KeyInUse, KeyReused, Once, replay
from anb.web.network import network_key
from anb.web.paging import PageDep, PlaceDep, announce
from anb.web.problems import ServiceUnavailable, refusals
from anb.web.rate_limits import TooManyRequests, count_read, count_vote, limited
from anb.web.search_limits import limit_search
from anb.web.targets import site_address
from anb.web.transacting import transact
from anb.web.validators import tag_of, unchanged

router = APIRouter(prefix="/api/public", tags=["contest"])

City = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
    | None,
    Query(description="Only this city, without regard to case and accents: `bogota` is Bogotá."),
]
Slug = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z0-9-]+$")] | None,
    Query(description="The season, by its slug. By default the present one; between two seasons, the last one."),
]
Order = Annotated[
    ListOrder,
    Query(
        description="`newest` first; those with most `votes`; or `shuffle`: each clip once, in an order that `seed` "
        "decides, page by `Link`."
    ),
]
Seed = Annotated[
    Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")],
    Query(description="Any text of your own for `order=shuffle`; the same one gives the same order."),
]
Words = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f]*$")],
    Query(
        description="Only clips with these words in their title or their player's name, without regard to case and "
        'accents: `jose tri` finds José Muñoz\'s "Mi mejor triple". Such a list has no `X-Total-Count`.'
    ),
]
Solution = Annotated[
    Annotated[str, StringConstraints(max_length=4096)] | None,
    Header(
        alias="Challenge-Solution",
        description="The solution of the `challenge` that a refusal `challenge-needed` carried, as ALTCHA's clients "
        "write it (base64). It is good for one vote, for the same clip and account.",
    ),
]
# A list may be this old (seconds): one query a second serves any number of people.
SHARED_SECONDS = 1
SUGGESTED_SECONDS = 30
CLIPS, RANKS = TypeAdapter(list[ClipListed]), TypeAdapter(list[RankListed])


def _share(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={SHARED_SECONDS}"
    return response


@router.get(
    "/videos",
    response_model=list[ClipListed],
    responses=refusals(InvalidPage, InvalidList, SeasonNotFound, ServiceUnavailable, TooManyRequests),
)
async def list_public_videos(
    request: Request,
    page: PageDep,
    city: City = None,
    season: Slug = None,
    order: Order = ListOrder.NEWEST,
    seed: Seed = "",
    q: Words = "",
) -> Response:
    """List the videos open to votes, or the public ones of a past season, newest first or as asked."""
    # The most frequent read: one thread from the query to the JSON, and no response model. FastAPI's own way takes four
    # threads and validates the JSON as well.
    wanted = WantedClips(city_key=None if city is None else fold(city), words=q, order=order, seed=seed)
    return await limit_readers(request, partial(_public_videos, request, page, wanted, season))


def _public_videos(request: Request, page: Page, wanted: WantedClips, slug: str | None) -> Response:
    count_read(request)
    limit_search(request)
    with database_of(request).reading() as uow:
        tag = tag_of(service.version(uow))  # read before the list, so that it is not newer
        known = unchanged(request, tag)
        if known is not None:
            return _share(known)
        season = None if slug is None else seasons.show(uow, slug)
        found = service.list_clips(uow, page, replace(wanted, season=season))
    base = site_address(request, settings_of(request))
    return _listed(request, tag, found, CLIPS.dump_json([clip_listed(clip, base) for clip in found.rows]))


def _listed(request: Request, tag: str, found: Listed[Any], body: bytes) -> Response:
    response = Response(body, media_type="application/json", headers={"ETag": tag})
    announce(request, response, found)
    return _share(response)


@router.get(
    "/suggestions",
    dependencies=[limited(block="search", told=False)],
    responses=refusals(InvalidList),
)
def list_suggestions(response: Response, uow: UowDep, q: Words) -> list[Suggested]:
    """Suggest players and titles for words that a reader has begun to type, at most eight."""
    response.headers["Cache-Control"] = f"public, max-age={SUGGESTED_SECONDS}"
    return [Suggested(kind=each.kind, text=each.text) for each in suggestions.suggest(uow, q)]


@router.post(
    "/videos/{video_id}/vote",
    response_model=Voted,
    responses=refusals(
        AccountNotFound,
        VideoNotFound,
        AlreadyVoted,
        EmailNotConfirmed,
        OwnVideo,
        SeasonClosed,
        VotesNotOpenYet,
        TooManyVotesToday,
        VotedBefore,
        *challenged.REFUSALS,
        SecondFactorNeeded,
        KeyReused,
        KeyInUse,
        TooManyRequests,
    ),
)
async def vote(
    video_id: UUID, request: Request, _caller: CallerLaterDep, key: IdempotencyKey = None, solution: Solution = None
) -> Response:
    """Vote for a video, once."""
    # The most frequent write: one thread for the whole vote, few dependencies. With those of other endpoints,
    # FastAPI took four threads, and longer to call them than the vote takes.
    return await transact(request, partial(_vote, request, video_id, key, solution))


def _vote(request: Request, video_id: UUID, key: str | None, solution: str | None, uow: UnitOfWork) -> Response:
    # Valkey is asked before the first statement, which takes a connection.
    caller = require_caller(request)
    ports, settings = ports_of(request), settings_of(request)
    actor = actor_of(caller, settings)
    fault = challenged.find_fault(ports, settings, actor, video_id, solution)
    if not challenged.was_counted(settings, fault):
        count_vote(request, caller.account_id)
    once = Once(actor.account_id, key, settings.idempotency_seconds, "vote", video_id)
    answer = once.before(uow)
    if answer is None:
        answer, program = StoredResponse(200, {}), Trace(block=network_key(request))  # whatever cookies it keeps
        challenged.check(uow, ports, settings, actor, video_id, program, fault)
        once.keep(uow, answer)
        cast = service.cast_vote(uow, ports, actor, video_id)
        signals.note(uow, actor.account_id, SignalKind.VOTE, program)
        shown = show_promise(uow, settings, cast)
    else:
        shown = promise_vote(uow, settings, actor.account_id, video_id)
    # The promise is the same note whenever it is made, so none is stored.
    return replay(replace(answer, body=shown.model_dump(mode="json")))


@router.get(
    "/rankings",
    response_model=list[RankListed],
    responses=refusals(InvalidPage, SeasonNotFound, ServiceUnavailable, TooManyRequests),
)
async def list_rankings(request: Request, page: PlaceDep, city: City = None, season: Slug = None) -> Response:
    """Rank the players of a season by the public's votes: of a city, or of the whole country."""
    return await limit_readers(request, partial(_rankings, request, page, city, season))


def _rankings(request: Request, page: Page, city: str | None, slug: str | None) -> Response:
    count_read(request)
    with database_of(request).reading() as uow:
        tag = tag_of(service.version(uow))
        known = unchanged(request, tag)
        if known is not None:
            return _share(known)
        found = service.rank(uow, page, city, None if slug is None else seasons.show(uow, slug))
    base = site_address(request, settings_of(request))
    return _listed(request, tag, found, RANKS.dump_json([rank_listed(rank, base) for rank in found.rows]))
