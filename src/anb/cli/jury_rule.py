"""The rules of a jury, as the options of `anb season` say them."""

from collections.abc import Iterator
from typing import Any

import typer
from pydantic import ValidationError

from anb.contest.jury_rules import JuryRules
from anb.contest.jury_schemas import JuryRulesSchema

HOW = (
    "For a jury: criterion=technique:3:Técnica:Technique (name, weight, Spanish, English), once for each;"
    " jury_scale=1-10; jury_blind=yes or no; jury=no for none."
)
NAMES = ("criterion", "jury_scale", "jury_blind", "jury")
PARTS = 4  # of a criterion


def is_said(name: str) -> bool:
    """Say whether a rule is one of the jury."""
    return name in NAMES


def read_jury(before: JuryRules | None, said: list[str]) -> JuryRules | None:
    """Return the jury's rules with those that are said; criteria that are said replace all. Raises BadParameter."""
    told = [(name, value) for name, _, value in (each.partition("=") for each in said) if name in NAMES]
    if not told:
        return before
    if ("jury", "no") in told:
        return None
    values: dict[str, Any] = {} if before is None else before.kept()
    criteria = [_criterion(value) for name, value in told if name == "criterion"]
    if criteria:
        values["criteria"] = criteria
    for name, value in told:
        if name == "jury_scale":
            values["lowest"], _, values["highest"] = value.partition("-")
        elif name == "jury_blind":
            values["blind"] = value
        elif name == "jury":
            raise typer.BadParameter(f"jury={value}: only jury=no; name criteria to have one")
    try:
        return JuryRulesSchema.model_validate(values).rules()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'jury'}: {one['msg']}" for one in error.errors())
        raise typer.BadParameter(f"the jury's rules do not hold: {wrong}") from None


def shown_jury(rules: JuryRules | None) -> Iterator[tuple[str, str]]:
    """Yield the rows of the jury in a table of rules."""
    if rules is None:
        yield "jury", "-"
        return
    yield "jury", f"{rules.lowest} to {rules.highest}, {'blind' if rules.blind else 'with names and counts'}"
    for each in rules.criteria:
        yield f"criterion {each.name}", f"weight {each.weight}: {each.es} / {each.en}"


def _criterion(value: str) -> dict[str, str]:
    parts = value.split(":")
    if len(parts) != PARTS:
        raise typer.BadParameter(f"criterion={value}: say NAME:WEIGHT:SPANISH:ENGLISH")
    return dict(zip(("name", "weight", "es", "en"), parts, strict=True))
