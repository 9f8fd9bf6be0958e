"""The HTTP endpoints of sessions: where an account is signed in, and how its owner ends that."""

from uuid import UUID

from fastapi import APIRouter

from anb.sessions import service
from anb.sessions.domain import EndReason, SessionNotFound
from anb.sessions.schemas import SessionSeen, SessionsEnded, session_seen
from anb.web.deps import CallerDep, UowDep
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller, SignInAgain

router = APIRouter(prefix="/api/me/sessions", tags=["accounts"])


@router.get("")
def list_sessions(caller: CallerDep, uow: UowDep) -> list[SessionSeen]:
    """List where the caller is signed in, last used first."""
    return [session_seen(session, caller.session_id) for session in service.list_open(uow, caller.account_id)]


@router.delete(
    "/{session_id}",
    status_code=204,
    dependencies=[limited("change")],
    responses=refusals(SessionNotFound, SignInAgain),
)
def end_session(session_id: UUID, caller: RecentCaller, uow: UowDep) -> None:
    """End one of the caller's sessions. Its next request is refused."""
    service.end_own(uow, caller.account_id, session_id)


@router.delete("", dependencies=[limited("change")], responses=refusals(SignInAgain))
def end_other_sessions(caller: RecentCaller, uow: UowDep) -> SessionsEnded:
    """End the caller's sessions, except the one of this request."""
    reason = EndReason.SIGNED_OUT_ELSEWHERE
    return SessionsEnded(ended=service.end_all(uow, caller.account_id, reason, but=caller.session_id))
