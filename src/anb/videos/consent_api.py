"""The HTTP endpoints of consents; they are here because an answer also moves the clips that waited for it."""

from fastapi import APIRouter, Request

from anb.accounts.domain import AccountNotFound
from anb.consents import service as consents
from anb.consents.domain import (
    BirthYearKnown,
    BirthYearWrong,
    Channel,
    GuardianAnswered,
    GuardianIsPlayer,
    GuardianNeeded,
    PolicyOutdated,
)
from anb.consents.schemas import ConsentForm, ConsentShown, consent_shown
from anb.db.session import UnitOfWork
from anb.videos import waiting
from anb.web.deps import CallerId, LanguageDep, PortsDep, SettingsDep, UowDep, settings_of
from anb.web.problems import refusals
from anb.web.rate_limits import limited
from anb.web.targets import site_address

router = APIRouter(prefix="/api/account", tags=["consents"])


@router.get("/consent", responses=refusals(AccountNotFound))
def show_consent(request: Request, caller: CallerId, uow: UowDep) -> ConsentShown:
    """Show what the caller agreed to, and what their clips wait for."""
    return _shown(request, uow, caller)


@router.post(
    "/consent",
    dependencies=[limited("guardian", block="guardian_block")],
    responses=refusals(
        AccountNotFound,
        PolicyOutdated,
        BirthYearWrong,
        BirthYearKnown,
        GuardianNeeded,
        GuardianIsPlayer,
        GuardianAnswered,
    ),
)
def give_consent(
    request: Request,
    body: ConsentForm,
    caller: CallerId,
    uow: UowDep,
    ports: PortsDep,
    settings: SettingsDep,
    language: LanguageDep,
) -> ConsentShown:
    """Agree to the data policy. A minor names a guardian, who is asked by e-mail; sent again, it asks them again."""
    waiting.answer_as_player(uow, ports, settings, caller, body.answer(), language, Channel.API)
    return _shown(request, uow, caller)


def _shown(request: Request, uow: UnitOfWork, caller: CallerId) -> ConsentShown:
    settings = settings_of(request)
    found, known = consents.standing_of(uow, settings, caller), consents.known_of(uow, caller)
    return consent_shown(found, known, consents.current_version(), site_address(request, settings))
