"""What organizers and administrators do for one person: each act asks first, and the service checks who may."""

from collections.abc import Mapping
from functools import partial
from typing import Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.accounts import service as accounts
from anb.accounts.domain import Actor, Role
from anb.administration import service
from anb.administration.api import ActingAdministrator, ActingOrganizer
from anb.administration.schemas import BirthYear, ErasureWanted, NewRole
from anb.db.session import Database, UnitOfWork
from anb.errors import Refusal
from anb.pages.forms import FromOurPages, Typed
from anb.pages.organizer_acts import FieldKind, Question, ask, ask_again, reason_of, show_link
from anb.pages.view import View, ViewDep
from anb.ports import Ports
from anb.web.deps import DatabaseDep, PortsDep, UowDep
from anb.web.rate_limits import LimiterDep, limited

PART = "people"
Help = Literal["confirm", "end-sessions", "birth-year", "unlock"]  # by organizers
Power = Literal["role", "reset", "guardian", "export", "erase"]  # by administrators
FIELDS: Mapping[str, tuple[FieldKind, ...]] = {
    "birth-year": ("year",), "role": ("role", "why"), "erase": ("reason",),
}  # fmt: skip
HARMLESS = {"confirm", "birth-year", "reset", "guardian", "export"}
LINKS = {"reset", "guardian"}
HELPS = frozenset(get_args(Help))
DONE = HELPS | frozenset(get_args(Power)) - LINKS  # what a person's page says was done

router = APIRouter(prefix="/organizer/people/{account_id}", include_in_schema=False)
_CHANGE = [FromOurPages, limited("change")]


@router.api_route("/acts/{act}", methods=["GET", "HEAD"])
def ask_help(view: ViewDep, _: ActingOrganizer, uow: UowDep, account_id: UUID, act: Help) -> Response:
    """Say what an organizer's act means for a person. Raises AccountNotFound."""
    return ask(view, PART, _question(view, uow, account_id, act), roles=list(Role))


@router.post("/acts/{act}", dependencies=_CHANGE)
def help_person(
    view: ViewDep, actor: ActingOrganizer, database: DatabaseDep, form: Typed, account_id: UUID, act: Help
) -> Response:
    """Do what an organizer may for a person. Raises AccountNotFound."""
    try:
        with database.transaction() as uow:
            _help(uow, view, actor, account_id, act, form)
    except (ValidationError, Refusal) as error:
        return _again(view, database, account_id, act, form, error)
    return view.go(f"/organizer/people/{account_id}?done={act}")


@router.api_route("/rights/{act}", methods=["GET", "HEAD"])
def ask_power(view: ViewDep, _: ActingAdministrator, uow: UowDep, account_id: UUID, act: Power) -> Response:
    """Say what an administrator's act means for a person. Raises AccountNotFound."""
    return ask(view, PART, _question(view, uow, account_id, act), roles=list(Role))


@router.post("/rights/{act}", dependencies=_CHANGE)
def use_power(
    view: ViewDep,
    actor: ActingAdministrator,
    database: DatabaseDep,
    ports: PortsDep,
    counter: LimiterDep,
    form: Typed,
    account_id: UUID,
    act: Power,
) -> Response:
    """Do what only an administrator may for a person. Raises AccountNotFound."""
    try:
        with database.transaction() as uow:
            if act == "reset" and view.mail_works:
                counter.count(counter.mailbox("mail", accounts.who(uow, account_id).email), told=False)
            link = _use(uow, view, ports, actor, account_id, act, form)
    except (ValidationError, Refusal) as error:
        return _again(view, database, account_id, act, form, error)
    person = f"/organizer/people/{account_id}"
    if act not in LINKS:
        return view.go(f"{person}?done={act}")
    return show_link(view, PART, act, link, person)


def _help(uow: UnitOfWork, view: View, actor: Actor, account_id: UUID, act: str, form: Mapping[str, str]) -> None:
    if act == "confirm":
        service.confirm(uow, actor, account_id)
    elif act == "end-sessions":
        service.end_sessions(uow, actor, account_id)
    elif act == "unlock":
        service.unlock(uow, actor, account_id)
    else:
        year = BirthYear.model_validate({"year": form.get("year", "")}).year
        service.correct_birth_year(uow, view.settings, actor, account_id, year)


def _use(
    uow: UnitOfWork, view: View, ports: Ports, actor: Actor, account_id: UUID, act: str, form: Mapping[str, str]
) -> str | None:
    """Do an act of administrators; return its link, if it made one that no mail takes."""
    settings = view.settings
    if act == "reset":
        return service.help_in(uow, settings, actor, account_id)
    if act == "guardian":
        return service.ask_guardian(uow, settings, actor, account_id)
    if act == "role":
        wanted = NewRole.model_validate({"role": form.get("role", ""), "reason": reason_of(form)})
        service.give_role(uow, settings.second_factor_roles, actor, account_id, **wanted.model_dump())
    elif act == "export":
        service.ask_export(uow, actor, account_id)
    else:
        reason = ErasureWanted.model_validate({"reason": reason_of(form)}).reason
        service.ask_erasure(uow, ports, settings, actor, account_id, reason)
    return None


def _question(view: View, uow: UnitOfWork, account_id: UUID, act: str) -> Question:
    """Return what is asked before an act on a person. Raises AccountNotFound."""
    details = service.show(uow, account_id)
    person = f"/organizer/people/{account_id}"
    group = "acts" if act in HELPS else "rights"
    numbers = [("sessions", details.sessions)] if act in {"end-sessions", "erase", "role"} else []
    if act == "erase":
        numbers.append(("grace", view.settings.erasure_grace_days))
    return Question(
        act,
        f"{person}/{group}/{act}",
        person,
        f"{details.account.name} · {details.account.username}",
        numbers,
        FIELDS.get(act, ()),
        harmless=act in HARMLESS,
    )


def _again(
    view: View, database: Database, account_id: UUID, act: str, form: dict[str, str], error: ValidationError | Refusal
) -> Response:
    question = partial(_question, view, account_id=account_id, act=act)
    return ask_again(view, PART, database, question, form, error, roles=list(Role))
