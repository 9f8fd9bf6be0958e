"""An invitation: a link to the form of an account, whose address it has proved."""

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.accounts import invitations
from anb.accounts.domain import EmailTaken, PasswordsDiffer
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import SignUp
from anb.pages.cities import CITIES
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_form, show_form_again, show_told
from anb.pages.view import ViewDep
from anb.web.deps import DatabaseDep, HashingDep, PortsDep, UowDep
from anb.web.hashing import TooManySignIns

router = APIRouter(include_in_schema=False)

_HOME = ("/", "error.back")


@router.api_route("/account/invitation", methods=["GET", "HEAD"])
def show_invitation(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the form for the account of an invitation."""
    try:
        invited = invitations.open_invitation(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _HOME)
    return show_form(view, "account_invitation.html", {"token": token}, invited=invited, places=CITIES)


@router.post("/account/invitation", dependencies=[FromOurPages])
async def accept(
    request: Request, view: ViewDep, form: Typed, database: DatabaseDep, ports: PortsDep, hashing: HashingDep
) -> Response:
    """Create the account."""
    token = form.get("token", "")
    try:
        with database.reading() as uow:
            invited = invitations.open_invitation(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _HOME)
    try:
        new = SignUp.model_validate(form | {"email": invited.email}).account(view.t.language)
        await hashing.run(request, partial(invitations.accept, database, ports, token, new))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _HOME)
    except (ValidationError, PasswordsDiffer, TooManySignIns) as error:
        return show_form_again(view, "account_invitation.html", form, error, invited=invited, places=CITIES)
    return view.go("/login?done=invited")
