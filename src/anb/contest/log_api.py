"""The public log of votes over HTTP: files that a CDN can hold (C2SP tlog-tiles), receipts, and the verifier."""

from datetime import datetime
from importlib.resources import files
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from anb.accounts.domain import AccountNotFound
from anb.contest import promised, seasons, voters
from anb.contest.domain import SeasonNotFound
from anb.contest.schemas import Voted
from anb.db.session import UnitOfWork
from anb.settings import Settings
from anb.votelog import publishing
from anb.votelog.domain import NotInLog
from anb.votelog.publishing import PromisedVote
from anb.web.deps import CallerId, SettingsDep, UowDep
from anb.web.problems import refusals
from anb.web.rate_limits import TooManyRequests, limited

ROOT = "/api/public/log"
router = APIRouter(tags=["log"])

Slug = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[a-z0-9-]+$")]
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
NEW, SETTLED, FOR_EVER = "public, max-age=1", "public, max-age=60", "public, max-age=31536000, immutable"
MISSING = refusals(SeasonNotFound, NotInLog, TooManyRequests)
COUNTED = [limited(block="log", told=False)]


class CheckpointKept(BaseModel):
    """A checkpoint that is kept for ever: one an hour, and that of each close."""

    size: int = Field(description="How many leaves the log had.")
    at: datetime
    note: str = Field(description="The signed checkpoint.")


def _answer(body: str | bytes, kind: str, caching: str) -> Response:
    return Response(body, media_type=kind, headers={"Cache-Control": caching})


@router.get(f"{ROOT}/verify.py", response_class=PlainTextResponse, dependencies=COUNTED)
def read_verifier() -> Response:
    """Return the program that verifies a log from outside; it needs Python and `cryptography`."""
    return _answer(files("anb.votelog").joinpath("verifier.py").read_bytes(), "text/x-python; charset=utf-8", SETTLED)


@router.get(f"{ROOT}/{{slug}}/checkpoint", response_class=PlainTextResponse, responses=MISSING, dependencies=COUNTED)
def read_checkpoint(slug: Slug, uow: UowDep) -> Response:
    """Return the newest signed state of a season's log (C2SP tlog-checkpoint)."""
    return _answer(publishing.head(uow, seasons.show(uow, slug).id).checkpoint, TEXT, NEW)


@router.get(f"{ROOT}/{{slug}}/checkpoints", responses=MISSING, dependencies=COUNTED)
def list_checkpoints(slug: Slug, uow: UowDep, response: Response) -> list[CheckpointKept]:
    """List the checkpoints that are kept for ever, the oldest first."""
    response.headers["Cache-Control"] = SETTLED
    found = publishing.checkpoints(uow, seasons.show(uow, slug).id)
    return [CheckpointKept(size=kept.size, at=kept.at, note=kept.note) for kept in found]


@router.get(f"{ROOT}/{{slug}}/key", response_class=PlainTextResponse, responses=MISSING, dependencies=COUNTED)
def read_keys(slug: Slug, uow: UowDep, settings: SettingsDep) -> Response:
    """Return the verifier keys (C2SP signed-note), one a line: of the log, then of promises."""
    keys = publishing.keys(uow, seasons.show(uow, slug).id, settings)
    return _answer("".join(f"{key}\n" for key in keys), TEXT, SETTLED)


@router.get(f"{ROOT}/{{slug}}/tile/{{name:path}}", response_class=Response, responses=MISSING, dependencies=COUNTED)
def read_tile(
    slug: Slug,
    name: Annotated[str, Path(max_length=100, description="As in C2SP's tlog-tiles: `entries/x001/234`, `0/000.p/7`.")],
    uow: UowDep,
) -> Response:
    """Return a tile of hashes, or a bundle of entries (C2SP tlog-tiles). Neither ever changes."""
    return _answer(publishing.tile(uow, seasons.show(uow, slug).id, name), BYTES, FOR_EVER)


@router.get(f"{ROOT}/{{slug}}/receipt/{{index}}", response_class=PlainTextResponse, responses=MISSING,
            dependencies=COUNTED)  # fmt: skip
def read_receipt(
    slug: Slug, index: Annotated[int, Path(ge=0, lt=2**63, description="The leaf, counted from 0.")], uow: UowDep
) -> Response:
    """Prove that a leaf is in the log (C2SP tlog-proof); its entry is the extra data."""
    return _answer(publishing.prove(uow, seasons.show(uow, slug).id, index), TEXT, SETTLED)


@router.get("/api/public/videos/{video_id}/vote", responses=refusals(NotInLog, AccountNotFound))
def show_own_vote(video_id: UUID, caller: CallerId, uow: UowDep, settings: SettingsDep) -> Voted:
    """Return the promise of the caller's own vote again."""
    return promise_vote(uow, settings, caller, video_id)


@router.get(
    "/api/public/videos/{video_id}/vote/receipt", response_class=PlainTextResponse, responses=refusals(NotInLog)
)
def read_own_receipt(video_id: UUID, caller: CallerId, uow: UowDep) -> Response:
    """Prove that the caller's own vote is in the log (C2SP tlog-proof)."""
    return _answer(voters.prove(uow, caller, video_id), TEXT, "private, no-store")


def promise_vote(uow: UnitOfWork, settings: Settings, caller: UUID, video_id: UUID) -> Voted:
    """Show a person's vote with its promise. Raises NotInLog if they have not voted for the video."""
    return show_promise(uow, settings, promised.find(uow, caller, video_id))


def show_promise(uow: UnitOfWork, settings: Settings, vote: PromisedVote) -> Voted:
    """Show a vote with its promise."""
    note = publishing.promise(uow, settings, vote)
    return Voted(promise=note, due=vote.closes_at, receipt=f"/api/public/videos/{vote.video_id}/vote/receipt")
