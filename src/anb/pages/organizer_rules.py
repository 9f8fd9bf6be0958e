"""The organizers' page of a season's rules, and the form in which rules are written."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import ValidationError

from anb.accounts.domain import fold
from anb.contest import seasons
from anb.contest.domain import Season, SeasonRules
from anb.contest.jury_schemas import MOST_CRITERIA
from anb.contest.season_schemas import RulesSchema
from anb.errors import Refusal
from anb.pages.forms import FromOurPages, TypedWide
from anb.pages.organizer import OrganizerDep
from anb.pages.organizer_acts import reason_of, show_sheet
from anb.pages.view import View, ViewDep
from anb.web.deps import DatabaseDep, UowDep

router = APIRouter(prefix="/organizer/seasons/{slug}/rules", include_in_schema=False)
SeasonSlug = Annotated[str, Path(max_length=100)]

SWITCHES = tuple(field.name for field in fields(SeasonRules) if isinstance(field.default, bool))
NUMBERS = ("clips_per_player", "votes_per_day", "winners_per_city")


@router.api_route("", methods=["GET", "HEAD"])
def show_rules(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug) -> Response:
    """Show the rules of a season in their form. Raises SeasonNotFound."""
    season = seasons.show(uow, slug)
    return _form(view, season, written(season))


@router.post("", dependencies=[FromOurPages])
def change_rules(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: TypedWide, slug: SeasonSlug) -> Response:
    """Give a season other rules. Raises SeasonNotFound."""
    try:
        rules = said_rules(form)
        with database.transaction() as uow:
            seasons.change_rules(uow, by, slug, rules, reason_of(form))
    except (ValidationError, Refusal) as error:
        with database.reading() as uow:
            season = seasons.show(uow, slug)
        return _form(view, season, form, error)
    return view.go(f"/organizer/seasons/{slug}?done=ruled")


def written(rules: SeasonRules) -> dict[str, str]:
    """Write rules as the fields of their form."""
    form = {name: "1" if getattr(rules, name) else "" for name in SWITCHES}
    form |= {name: str(getattr(rules, name) or "") for name in NUMBERS}
    form["cities"] = "\n".join("; ".join((city.name, *city.spellings)) for city in rules.cities or ())
    jury = rules.jury
    form |= {"lowest": str(jury.lowest if jury else 1), "highest": str(jury.highest if jury else 10)}
    form["blind"] = "1" if jury is None or jury.blind else ""
    for number, one in enumerate(jury.criteria if jury else ()):
        parts = {"name": one.name, "weight": str(one.weight), "es": one.es, "en": one.en}
        form |= {f"{name}_{number}": value for name, value in parts.items()}
    return form


def said_rules(form: Mapping[str, str]) -> SeasonRules:
    """Read the rules that a form says. Raises ValidationError, which names the fields of the form."""
    said: dict[str, Any] = {name: bool(form.get(name)) for name in SWITCHES}
    said |= {name: form[name].strip() for name in NUMBERS if form.get(name, "").strip()}
    lines = [line.strip() for line in form.get("cities", "").splitlines() if line.strip()]
    said["cities"] = [_city(line) for line in lines] or None
    criteria = [_criterion(form, number) for number in range(MOST_CRITERIA) if _is_named(form, number)]
    if criteria:
        scale = {name: form.get(name, "") for name in ("lowest", "highest")}
        said["jury"] = {**scale, "blind": bool(form.get("blind")), "criteria": criteria}
    return RulesSchema.model_validate(said).rules()


def _city(line: str) -> dict[str, Any]:
    """Read a city and its other spellings: Bogotá; Santafé de Bogotá."""
    name, *spellings = (part.strip() for part in line.split(";"))
    return {"name": name, "spellings": [spelling for spelling in spellings if spelling]}


def _is_named(form: Mapping[str, str], number: int) -> bool:
    return any(form.get(f"{name}_{number}", "").strip() for name in ("es", "en"))


def _criterion(form: Mapping[str, str], number: int) -> dict[str, str]:
    """Read a criterion: one that has a name keeps it, since scores are kept by it."""
    es, en = (form.get(f"{name}_{number}", "").strip() for name in ("es", "en"))
    made = re.sub(r"[^a-z0-9]+", "-", fold(en or es)).strip("-")[:24].strip("-")
    name = form.get(f"name_{number}") or (made if made[:1].isalpha() else f"criterion-{number + 1}")
    return {"name": name, "weight": form.get(f"weight_{number}", "").strip() or "1", "es": es or en, "en": en or es}


def _form(
    view: View, season: Season, typed: dict[str, str], error: ValidationError | Refusal | None = None
) -> Response:
    known = typed | {"jury": typed.get("es_0", "")}
    return show_sheet(
        view, "organizer_rules.html", "seasons", known, error, season=season, criteria=range(MOST_CRITERIA)
    )
