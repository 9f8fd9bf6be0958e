"""The data policy, a player's consent to it, and the page on which a guardian answers."""

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.accounts import service as accounts
from anb.accounts.domain import SecondStep, SignedIn
from anb.accounts.links import LinkUsed
from anb.consents import service as consents
from anb.consents import taking_back
from anb.consents.domain import Channel, ConsentStanding, PolicyOutdated, is_minor
from anb.consents.schemas import ConsentForm
from anb.db.session import Database, UnitOfWork
from anb.pages.consent_form import FIELDS, consent_mistakes
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.outcomes import private
from anb.pages.view import View, ViewDep, with_query
from anb.ports import Ports
from anb.videos import waiting
from anb.web.deps import CallerId, DatabaseDep, PortsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)


class AskedPlayer(NamedTuple):
    """What the consent page needs to know of its reader."""

    standing: ConsentStanding
    agreed: bool  # to the version in force
    birth_year: int | None
    minor: bool
    minor_from: int  # the year of birth from which on people are
    guardian_name: str
    guardian_email: str
    guardian_days: int  # that the guardian may still take


@router.api_route("/privacy/policy", methods=["GET", "HEAD"])
def show_policy(view: ViewDep) -> Response:
    """Show the data policy in force."""
    return _policy(view, consents.current_version())


@router.api_route("/privacy/policy/{version}", methods=["GET", "HEAD"])
def show_policy_version(view: ViewDep, version: str) -> Response:
    """Show a version of the data policy. Raises PolicyNotFound."""
    return _policy(view, version)


@router.api_route("/account/consent", methods=["GET", "HEAD"])
def show_consent(view: ViewDep, caller: CallerId, uow: UowDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show what the caller agreed to, what their clips wait for, and the form for both."""
    return _consent(view, _asked(view, uow, caller), {"next": next})


@router.post("/account/consent", dependencies=[FromOurPages, limited("guardian", block="guardian_block")])
def give_consent(view: ViewDep, caller: CallerId, form: Typed, database: DatabaseDep, ports: PortsDep) -> Response:
    """Store the caller's agreement and ask a minor's guardian."""
    with database.reading() as uow:
        asked = _asked(view, uow, caller)
    if not asked.agreed and form.get("agree") != "yes":
        return _consent(view, asked, form, {"agree": view.t("consent.agree_needed")})
    try:
        _answer(view, database, ports, caller, form)
    except ValidationError as error:
        return _consent(view, asked, form, consent_mistakes(view, form, error))
    except tuple(FIELDS) as refusal:
        return _consent(view, asked, form, {FIELDS[type(refusal)]: refusal.text(view.t.language)})
    except PolicyOutdated as refusal:
        return _consent(view, asked, form, problem=refusal.text(view.t.language))
    return view.go(with_query("/account/consent", next=place(form.get("next"), "")))


@router.api_route("/guardian", methods=["GET", "HEAD"])
def show_guardian(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show a guardian what they are asked. Opening the link changes nothing: mail scanners open links too."""
    return _guardian(view, uow, token)


@router.post("/guardian", dependencies=[FromOurPages, limited(block="guardian_block")])
def answer_guardian(view: ViewDep, form: Typed, uow: UowDep, ports: PortsDep) -> Response:
    """Store a guardian's answer; it needs no account. Raises LinkInvalid, LinkExpired, LinkUsed."""
    token, said = form.get("token", ""), form.get("answer")
    if said not in {"given", "refused"}:  # never take silence for an answer
        return _guardian(view, uow, token, view.t("guardian.choose"))
    given = said == "given"
    try:
        waiting.answer_as_guardian(
            uow, ports, view.settings, token, form.get("version", ""), view.t.language, given=given
        )
    except PolicyOutdated as refusal:
        return _guardian(view, uow, token, refusal.text(view.t.language))
    return view.show("guardian.html", player="", said=view.t("guardian.given" if given else "guardian.refused"))


@router.api_route("/guardian/end", methods=["GET", "HEAD"])
def show_guardian_end(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show a guardian who agreed the button that takes it back."""
    guardian = taking_back.guardian_who_agreed(uow, token)
    player = accounts.who(uow, guardian.account_id).shown_name
    return private(view.show("guardian_end.html", player=player, guardian=guardian, token=token, said=""))


@router.post("/guardian/end", dependencies=[FromOurPages, limited(block="guardian_block")])
def end_permission(view: ViewDep, form: Typed, uow: UowDep, ports: PortsDep) -> Response:
    """Take a guardian's permission back; it needs no account. Raises LinkInvalid, LinkExpired, LinkUsed."""
    waiting.take_back(uow, ports, view.settings, form.get("token", ""))
    return view.show("guardian_end.html", player="", said=view.t("guardian.ended"))


def needs_consent(request: Request, database: Database, caller: UUID) -> str | None:
    """Return the address of the consent page, if the caller has to answer before the page of a request."""
    with database.reading() as uow:
        asks = consents.has_to_answer(uow, caller)
    return with_query("/account/consent", next=request.url.path) if asks else None


def first_page(database: Database, outcome: SignedIn | SecondStep, onward: str | None) -> str | None:
    """Return where a person who signed in continues: the consent page first, if they have to answer."""
    if isinstance(outcome, SecondStep):
        return onward
    with database.reading() as uow:
        asks = consents.has_to_answer(uow, outcome.account_id)
    return with_query("/account/consent", next=place(onward, "/")) if asks else onward


def _answer(view: View, database: Database, ports: Ports, caller: UUID, form: Mapping[str, str]) -> None:
    said = ConsentForm.model_validate(form).answer()
    with database.transaction() as uow:
        waiting.answer_as_player(uow, ports, view.settings, caller, said, view.t.language, Channel.PAGE)


def _asked(view: View, uow: UnitOfWork, caller: UUID) -> AskedPlayer:
    known, rule = consents.known_of(uow, caller), consents.rule_of(uow, view.settings)
    guardian = known.guardian
    left = (guardian.asked_at + rule.wait - rule.now).days + 1 if guardian else 0
    return AskedPlayer(
        consents.standing_of(uow, view.settings, caller),
        known.player_version == consents.current_version(),
        known.birth_year,
        is_minor(known.birth_year, rule.year),
        rule.minor_from,
        guardian.name if guardian else "",
        guardian.email if guardian else "",
        left,
    )


def _consent(
    view: View, asked: AskedPlayer, form: Mapping[str, str], errors: Mapping[str, str] | None = None, problem: str = ""
) -> Response:
    wrong = bool(errors or problem)
    return view.show(
        "consent.html",
        HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        asked=asked,
        waits=not asked.standing.lets_work,
        typed=defaultdict(str, form),
        errors=defaultdict(str, errors or {}),
        problem=view.t("form.problem") if errors else problem,
        next=place(form.get("next"), ""),
        policy=consents.show_policy(view.settings, consents.current_version(), view.t.language),
    )


def _guardian(view: View, uow: UnitOfWork, token: str, problem: str = "") -> Response:
    guardian = consents.guardian_of(uow, token)
    if guardian.answer is not None:
        raise LinkUsed
    page = view.show(
        "guardian.html",
        HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK,
        player=accounts.who(uow, guardian.account_id).shown_name,
        guardian=guardian,
        token=token,
        days=view.settings.consent_wait_days,
        problem=problem,
        said="",
        policy=consents.show_policy(view.settings, consents.current_version(), view.t.language),
    )
    return private(page)  # its address is a secret


def _policy(view: View, version: str) -> Response:
    return view.show(
        "policy.html",
        policy=consents.show_policy(view.settings, version, view.t.language),
        in_force=version == consents.current_version(),
        versions=consents.versions(),
    )
