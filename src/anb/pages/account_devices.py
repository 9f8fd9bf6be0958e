"""Where one is signed in: each browser and program, and the buttons that end its session."""

from uuid import UUID

from fastapi import APIRouter, Response

from anb.pages.forms import FromOurPages, Typed
from anb.pages.view import ViewDep
from anb.pages.wording import Wording
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason, Session, SessionKind, SessionNotFound
from anb.web.deps import CallerDep, UowDep
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller

router = APIRouter(include_in_schema=False)

SAID = {"one": "told.devices_ended", "others": "told.devices_others_ended"}


@router.api_route("/account/devices", methods=["GET", "HEAD"])
def show_devices(view: ViewDep, caller: CallerDep, uow: UowDep, done: str = "") -> Response:
    """Show where the caller is signed in."""
    listed = sessions.list_open(uow, caller.account_id)
    here = [session for session in listed if session.id == caller.session_id]
    others = [session for session in listed if session.id != caller.session_id]
    return view.show(
        "account_devices.html",
        current=[(session, device_name(view.t, session)) for session in here],
        others=[(session, device_name(view.t, session)) for session in others],
        said=view.t(SAID[done]) if done in SAID else "",
    )


@router.post("/account/devices", dependencies=[FromOurPages, limited("change")])
def end_sessions(view: ViewDep, caller: RecentCaller, form: Typed, uow: UowDep) -> Response:
    """End one of the caller's sessions, or all but this one. Raises SessionNotFound."""
    if form.get("which") == "others":
        sessions.end_all(uow, caller.account_id, EndReason.SIGNED_OUT_ELSEWHERE, but=caller.session_id)
        return view.go("/account/devices?done=others")
    sessions.end_own(uow, caller.account_id, _chosen(form.get("which", "")))
    return view.go("/account/devices?done=one")


def device_name(t: Wording, session: Session) -> str:
    """Name a device as people do: `Chrome en Android`."""
    browser, _, system = session.device.partition("/")
    if session.kind is SessionKind.PROGRAM:
        return t("told.devices_program", name=browser) if browser else t("told.devices_unknown_program")
    if not browser:
        return t("told.devices_unknown")
    return t("told.devices_browser", browser=browser, system=system) if system else browser


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise SessionNotFound from None
