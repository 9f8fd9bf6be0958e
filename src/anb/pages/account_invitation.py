"""An invitation: a link to the form of an account, whose address it has proved."""

from functools import partial

from fastapi import APIRouter, Request, Response

from anb.accounts import invitations
from anb.accounts.domain import EmailTaken
from anb.accounts.invitations import Invitation
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import SignUp
from anb.consents import joining
from anb.db.session import Database
from anb.pages.consent_form import SignUpQuestions, asked_of_new, count_guardian, read_form
from anb.pages.entering import traced
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_form, show_form_again, show_mistakes, show_told
from anb.pages.view import View, ViewDep
from anb.web.deps import DatabaseDep, HashingDep, PortsDep, UowDep, limit_readers
from anb.web.device_cookie import with_device
from anb.web.hashing import TooManySignIns
from anb.web.rate_limits import LimiterDep, TooManyRequests

router = APIRouter(include_in_schema=False)

_HOME = ("/", "error.back")


@router.api_route("/account/invitation", methods=["GET", "HEAD"])
def show_invitation(request: Request, view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the form for the account of an invitation."""
    try:
        invited = invitations.open_invitation(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _HOME)
    asked = asked_of_new(view, uow)
    page = show_form(view, "account_invitation.html", {"token": token}, invited=invited, **asked.shown())
    return with_device(request, page)


@router.post("/account/invitation", dependencies=[FromOurPages])
async def accept(
    request: Request,
    view: ViewDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
    counter: LimiterDep,
) -> Response:
    """Create the account."""
    token, settings = form.get("token", ""), view.settings
    try:
        invited, asked = await limit_readers(request, partial(_open, view, database, token))
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _HOME)
    known = form | {"email": invited.email}
    filled = read_form(
        view, asked, known, lambda: traced(request, SignUp.model_validate(known).account(view.t.language))
    )
    shown = {"invited": invited} | asked.shown()
    if filled.newcomer is None:
        return show_mistakes(view, "account_invitation.html", form, filled.errors, **shown)
    try:
        count_guardian(counter, asked, filled.newcomer)
        join = partial(joining.accept_invitation, database, ports, settings, token, filled.newcomer)
        await hashing.run(request, join)
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _HOME)
    except (TooManySignIns, TooManyRequests) as error:
        return show_form_again(view, "account_invitation.html", form, error, **shown)
    return view.go("/login?done=invited")


def _open(view: View, database: Database, token: str) -> tuple[Invitation, SignUpQuestions]:
    with database.reading() as uow:
        return invitations.open_invitation(uow, token), asked_of_new(view, uow)
