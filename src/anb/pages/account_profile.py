"""The page of a profile: the public name, the city, the year of birth."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints, ValidationError, field_validator

from anb.accounts import profile
from anb.accounts import service as accounts
from anb.accounts.profile import BirthYearByOrganizers, CityChangesUsed, Profile, PublicNameBusy
from anb.accounts.schemas import Name
from anb.consents import service as consents
from anb.consents.domain import BirthYearWrong, is_minor
from anb.consents.schemas import EARLIEST, LATEST
from anb.contest import service as contest
from anb.db.session import UnitOfWork
from anb.fields import InvalidField, finding
from anb.pages.cities import places
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_form, show_form_again
from anb.pages.view import View, ViewDep
from anb.photos import service as photos
from anb.ports import Ports
from anb.settings import MIB
from anb.videos import waiting
from anb.web.deps import CallerId, DatabaseDep, PortsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

LONGEST_PUBLIC_NAME = 40
_REFUSALS = (CityChangesUsed, PublicNameBusy, BirthYearByOrganizers, BirthYearWrong, InvalidField)


class ProfileForm(BaseModel):
    """A profile as typed; an empty public name is the real one."""

    public_name: Annotated[Name, StringConstraints(max_length=LONGEST_PUBLIC_NAME)] | None = None
    city: Name | None = None
    birth_year: int | None = Field(None, ge=EARLIEST, le=LATEST)

    @field_validator("public_name", "city", "birth_year", mode="before")
    @classmethod
    def _nothing(cls, typed: object) -> object:
        return None if isinstance(typed, str) and not typed.strip() else typed


@router.api_route("/account/profile", methods=["GET", "HEAD"])
def show_profile(view: ViewDep, caller: CallerId, uow: UowDep, saved: str = "") -> Response:
    """Show the caller's profile."""
    return show_form(view, "profile.html", **shown(view, uow, caller, saved))


def shown(view: View, uow: UnitOfWork, caller: UUID, saved: str = "") -> dict[str, Any]:
    """Return what the page shows of a person."""
    return {
        "me": profile.show(uow, caller),
        "places": places(uow),
        "saved": saved,
        "photo": photos.own(uow, caller),
        "photo_waits": photos.waits_for(uow, view.settings, caller),
        "fault": photos.fault_of(uow, caller),
        "megabytes": view.settings.photo_max_bytes // MIB,
    }


@router.post("/account/profile", dependencies=[FromOurPages, limited("change")])
def change_profile(view: ViewDep, caller: CallerId, form: Typed, database: DatabaseDep, ports: PortsDep) -> Response:
    """Change the caller's profile."""
    try:
        wanted = ProfileForm.model_validate(form)
        with database.transaction() as uow:
            _change(view, uow, ports, caller, wanted)
    except (ValidationError, *_REFUSALS) as error:
        with database.reading() as uow:
            known = shown(view, uow, caller)
        return show_form_again(view, "profile.html", form, error, **known)
    return view.go("/account/profile?saved=1")


def _change(view: View, uow: UnitOfWork, ports: Ports, caller: UUID, wanted: ProfileForm) -> None:
    accounts.lock_account(uow, caller)
    before = profile.show(uow, caller)
    profile.choose_public_name(uow, caller, wanted.public_name)
    if wanted.city is not None:
        season = contest.current_season(uow)
        since = None if season is None else season.opened_at
        city = places(uow).named(wanted.city)
        if city is None:
            raise InvalidField({"city": finding("city")})
        profile.move(uow, caller, city, since=since, most=view.settings.city_changes)
    if wanted.birth_year is not None:
        _check_birth_year(view, uow, before, wanted.birth_year)
        if profile.correct_birth_year(uow, caller, wanted.birth_year):
            waiting.settle(uow, ports, view.settings, caller)


def _check_birth_year(view: View, uow: UnitOfWork, before: Profile, wanted: int) -> None:
    """Refuse a year to come, and one that would make an adult of a person who said they are a minor."""
    year = consents.rule_of(uow, view.settings).year
    if wanted > year:
        raise BirthYearWrong
    if before.birth_year is not None and is_minor(before.birth_year, year) and not is_minor(wanted, year):
        raise BirthYearByOrganizers
