"""The organizers' pages of people: the list, one person, and the invitation of another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.directory import AccountFilter
from anb.accounts.domain import Role
from anb.accounts.invitations import Invitation
from anb.administration import service
from anb.administration.api import ActingAdministrator, ActingOrganizer
from anb.administration.schemas import InvitationWanted
from anb.errors import Refusal
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import show_link, show_sheet
from anb.pages.organizer_person import DONE
from anb.pages.view import ViewDep
from anb.sentences import DEFAULT, catalogues
from anb.web.deps import DatabaseDep, UowDep
from anb.web.rate_limits import limited

HERE = "/organizer/people"
PART = "people"
ROWS = 30
LONGEST = 254

router = APIRouter(prefix=HERE, include_in_schema=False)
Short = Annotated[str, Query(max_length=300)]


@router.api_route("", methods=["GET", "HEAD"], dependencies=[limited(block="read")])
def search(
    view: ViewDep, _: OrganizerDep, uow: UowDep, q: Short = "", role: Short = "", cursor: Cursor = ""
) -> Response:
    """List the accounts that fit, newest first."""
    text = "".join(letter for letter in q.strip().lower() if letter.isprintable())[:LONGEST]
    wanted = AccountFilter(Role(role) if role in set(Role) else None, None, text or None)
    found = service.search(uow, wanted, part_after(cursor, ROWS))
    return console(
        view,
        "organizer_people.html",
        PART,
        rows=found.rows,
        total=found.total or 0,
        q=text,
        wanted=role,
        roles=list(Role),
        onward=next_part(HERE, found, q=text, role=role),
    )


@router.api_route("/invite", methods=["GET", "HEAD"])
def show_invite(view: ViewDep, _: ActingAdministrator) -> Response:
    """Show the form of an invitation."""
    return show_sheet(view, "organizer_invite.html", PART, {}, roles=list(Role), languages=list(catalogues()))


@router.post("/invite", dependencies=[FromOurPages, limited("change")])
def invite(view: ViewDep, actor: ActingAdministrator, database: DatabaseDep, form: Typed) -> Response:
    """Invite a person who has no account."""
    try:
        asked = InvitationWanted.model_validate({"language": DEFAULT} | form)
        with database.transaction() as uow:
            wanted = Invitation(**asked.model_dump(include=set(Invitation._fields)))
            link = service.invite(uow, view.settings, actor, wanted, asked.language)
    except (ValidationError, Refusal) as error:
        known = {"roles": list(Role), "languages": list(catalogues())}
        return show_sheet(view, "organizer_invite.html", PART, form, error, **known)
    return show_link(view, PART, "invite", link, HERE, asked.email)


@router.api_route("/{account_id}", methods=["GET", "HEAD"], dependencies=[limited(block="read")])
def show(
    view: ViewDep, by: ActingOrganizer, actor: ActorDep, uow: UowDep, account_id: UUID, done: str = ""
) -> Response:
    """Show a person, and what can be done for them. Raises AccountNotFound."""
    return console(
        view,
        "organizer_person.html",
        PART,
        person=service.show(uow, account_id),
        rights=accounts.acts_as(uow, actor, Role.ADMINISTRATOR),
        own=account_id == by.account_id,
        done=done if done in DONE else "",
    )
