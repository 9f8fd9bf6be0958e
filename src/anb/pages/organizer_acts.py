"""Acts of organizers that ask first: a page says what will happen, in numbers, and its form does it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Literal

from fastapi import Response
from pydantic import ValidationError

from anb.contest.domain import InvalidCalendar
from anb.db.session import Database, UnitOfWork
from anb.errors import Refusal
from anb.fields import InvalidField
from anb.moderation.vote_effects import Effect
from anb.pages.forms import mistakes
from anb.pages.organizer import console
from anb.pages.view import View
from anb.zones import COLOMBIA

FieldKind = Literal["reason", "why", "moment", "year", "role"]
WORDS = 500  # of a reason


@dataclass(frozen=True)
class Question:
    """An act that asks first: its word in the sentences, where its form leads, and what it will do in numbers."""

    act: str
    action: str
    back: str
    about: str = ""
    numbers: Sequence[tuple[str, int]] = ()
    fields: Sequence[FieldKind] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, object] = field(default_factory=dict)
    harmless: bool = False
    effects: Sequence[Effect] = ()  # what changes in the ranking


def ask(view: View, part: str, question: Question, **shown: Any) -> Response:  # noqa: ANN401 - what a template shows
    """Show what an act will do, with the form that does it."""
    return show_sheet(view, "organizer_ask.html", part, {}, question=question, **shown)


def ask_again(
    view: View,
    part: str,
    database: Database,
    question: Callable[[UnitOfWork], Question],
    typed: Mapping[str, str],
    error: ValidationError | Refusal,
    **shown: Any,  # noqa: ANN401 - what a template shows
) -> Response:
    """Show the question of a refused act again, as it is now, with what was typed and what is wrong with it."""
    with database.reading() as uow:
        asked = question(uow)
    return show_sheet(view, "organizer_ask.html", part, typed, error, question=asked, **shown)


def show_link(view: View, part: str, act: str, link: str | None, back: str, about: str = "") -> Response:
    """Show the link that an act made, to be handed over; without one, say that a mail takes it."""
    whole = link and f"{view.site}{link}"
    return console(view, "organizer_link.html", part, act=act, link=whole, about=about, back=back)


def show_sheet(
    view: View,
    template: str,
    part: str,
    typed: Mapping[str, str],
    error: ValidationError | Refusal | None = None,
    **shown: Any,  # noqa: ANN401 - what a template shows
) -> Response:
    """Show a form of the console; with an error, what was typed and what is wrong with it."""
    errors, problem = _found(view, typed, error)
    status = HTTPStatus.OK if error is None else HTTPStatus.BAD_REQUEST
    if isinstance(error, Refusal) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
        status = HTTPStatus.TOO_MANY_REQUESTS
    known = {"typed": defaultdict(str, typed), "errors": defaultdict(str, errors), "problem": problem, "most": WORDS}
    return console(view, template, part, status, **known, **shown)


def _found(view: View, typed: Mapping[str, str], error: ValidationError | Refusal | None) -> tuple[dict[str, str], str]:
    """Return what is wrong with each field, and what is wrong with the whole."""
    if error is None:
        return {}, ""
    if isinstance(error, ValidationError):
        return mistakes(error, view, typed), view.t("form.problem")
    if isinstance(error, InvalidField):
        return {one["field"]: one["message"] for one in error.spoken(view.t.language)}, view.t("form.problem")
    if isinstance(error, InvalidCalendar):
        moment = str(error.fields["field"])
        said = InvalidCalendar(field=view.t(f"organizer_season.moment_{moment}")).text(view.t.language)
        return {moment: said}, said
    return {}, error.text(view.t.language)


def reason_of(form: Mapping[str, str]) -> str:
    """Return the reason that a form gives."""
    return form.get("reason", "").strip()[:WORDS]


def local(moment: datetime | None) -> str:
    """Write a moment as a field of a form has it, in Colombia."""
    return "" if moment is None else moment.astimezone(COLOMBIA).strftime("%Y-%m-%dT%H:%M")


def zoned(typed: str) -> str | None:
    """Return a moment of a form with its zone, for a schema to read; None for an empty field."""
    return f"{typed.strip()}-05:00" if typed.strip() else None
