"""A person's data on pages: what is kept, and leaving."""

from contextlib import suppress

from fastapi import APIRouter, Response

from anb.pages.forms import FromOurPages
from anb.pages.view import ViewDep
from anb.privacy import erasure, export
from anb.privacy.domain import ErasureAskedAlready, ExportAskedAlready
from anb.web.deps import CallerId, PortsDep, SettingsDep, UowDep
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller
from anb.web.share import send_archive

router = APIRouter(include_in_schema=False)


@router.api_route("/privacy", methods=["GET", "HEAD"])
def show_privacy(view: ViewDep, asked: str = "") -> Response:
    """Say what is kept, why and how long, with the numbers of the settings."""
    return view.show("privacy.html", kept=view.settings, asked=bool(asked))


@router.api_route("/account/export", methods=["GET", "HEAD"])
def show_export(view: ViewDep, caller: CallerId, uow: UowDep) -> Response:
    """Show the caller's archive: a button to ask for it, or to fetch it."""
    found = export.find(uow, caller)
    return view.show("account_export.html", found=found, days=view.settings.export_days)


@router.post("/account/export", dependencies=[FromOurPages, limited("change")])
def ask_for_export(view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Ask for the archive; a second request changes nothing."""
    with suppress(ExportAskedAlready):
        export.ask(uow, caller.account_id)
    return view.go("/account/export")


@router.get("/account/export/file")
def fetch_export(caller: RecentCaller, uow: UowDep) -> Response:
    """Send the archive."""
    return send_archive(export.download(uow, caller.account_id))


@router.api_route("/account/erase", methods=["GET", "HEAD"])
def show_erasure(view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Say what erasing the account means, with a button."""
    pending = erasure.pending(uow, caller.account_id)
    return view.show("account_erase.html", pending=pending, days=view.settings.erasure_grace_days)


@router.post("/account/erase", dependencies=[FromOurPages, limited("change")])
def ask_for_erasure(
    view: ViewDep, caller: RecentCaller, uow: UowDep, ports: PortsDep, settings: SettingsDep
) -> Response:
    """Ask for the erasure, and sign out."""
    try:
        erasure.ask(uow, ports, settings, caller.account_id)
    except ErasureAskedAlready:
        return view.go("/account/erase")
    return view.leave("/privacy?asked=1")
