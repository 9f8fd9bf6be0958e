"""The fields of consent, on the page of that name and on the forms for a new account."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from anb.accounts.domain import NewAccount, PasswordsDiffer
from anb.consents import service as consents
from anb.consents.domain import (
    BirthYearWrong,
    ConsentRule,
    GuardianAnswered,
    GuardianIsPlayer,
    GuardianNeeded,
    PlayerAnswer,
    PolicyOutdated,
    check_new,
    is_minor,
)
from anb.consents.joining import Newcomer
from anb.consents.schemas import ConsentForm
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.pages.cities import Places, places
from anb.pages.forms import mistakes
from anb.pages.rendering import isolated
from anb.pages.view import View
from anb.web.rate_limits import Limiter

# The field that each refusal is about.
FIELDS: Mapping[type[Refusal], str] = {
    BirthYearWrong: "birth_year",
    GuardianNeeded: "guardian_name",
    GuardianIsPlayer: "guardian_email",
    GuardianAnswered: "guardian_email",
}


class SignUpQuestions(NamedTuple):
    """What a form for a new account asks besides the account itself."""

    rule: ConsentRule | None  # None: the season asks for no consent
    policy: consents.PolicyText
    places: Places

    def shown(self) -> dict[str, Any]:
        """Return what the form's template needs."""
        minor_from = None if self.rule is None else self.rule.minor_from
        return {"places": self.places, "minor_from": minor_from, "policy": self.policy}


class Filled(NamedTuple):
    """Such a form as it was sent: who wants an account, or what is wrong with each field."""

    newcomer: Newcomer | None
    errors: Mapping[str, str] = {}


def asked_of_new(view: View, uow: UnitOfWork) -> SignUpQuestions:
    """Read what a form for a new account asks now."""
    policy = consents.show_policy(view.settings, consents.current_version(), view.t.language)
    return SignUpQuestions(consents.rule_for_new(uow, view.settings), policy, places(uow))


def read_form(view: View, asked: SignUpQuestions, form: Mapping[str, str], read: Callable[[], NewAccount]) -> Filled:
    """Read the form for a new account. What is wrong never depends on the accounts that exist."""
    new, errors = None, dict[str, str]()
    try:
        new = read()
    except ValidationError as error:
        errors = mistakes(error, view, form)
    except PasswordsDiffer as refusal:
        errors = {"password2": refusal.text(view.t.language)}
    city = asked.places.named(form.get("city", ""))
    if asked.places.only and city is None and "city" not in errors:
        errors["city"] = view.t("signup.city_elsewhere", city=isolated(form.get("city", "").strip()))
    elif asked.places.only and city is not None and new is not None:
        new = replace(new, city=city)
    if asked.rule is None:
        return Filled(None if errors or new is None else Newcomer(new, None), errors)
    answer, wrong = _read_answer(view, asked.policy, asked.rule, form, new.email if new else "")
    errors |= wrong
    return Filled(None if errors or new is None else Newcomer(new, answer), errors)


def _read_answer(
    view: View, policy: consents.PolicyText, rule: ConsentRule, form: Mapping[str, str], email: str
) -> tuple[PlayerAnswer | None, dict[str, str]]:
    errors: dict[str, str] = {}
    if form.get("agree") != "yes":
        errors["agree"] = view.t("consent.agree_needed")
    elif form.get("version") != policy.version:  # the text has changed since it was shown
        errors["agree"] = PolicyOutdated().text(view.t.language)
    try:
        answer = ConsentForm.model_validate({**form, "version": policy.version}).answer()
        check_new(answer, email, rule)
    except ValidationError as error:
        return None, errors | consent_mistakes(view, form, error)
    except tuple(FIELDS) as refusal:
        return None, errors | {FIELDS[type(refusal)]: refusal.text(view.t.language)}
    return answer, errors


def count_guardian(counter: Limiter, asked: SignUpQuestions, newcomer: Newcomer) -> None:
    """Count the mail that a sign-up sends to a guardian; no account is known yet. Raises TooManyRequests."""
    said = newcomer.answer
    if asked.rule is not None and said is not None and said.guardian and is_minor(said.birth_year, asked.rule.year):
        counter.count(counter.block("guardian_block"), counter.mailbox("guardian", said.guardian.email))


def consent_mistakes(view: View, form: Mapping[str, str], error: ValidationError) -> dict[str, str]:
    """Return what is wrong with each field; half a guardian is a mistake of the name."""
    located = [item for item in error.errors() if item["loc"]]
    if located:
        return mistakes(error, view, form)
    return {"guardian_name": view.t("field.guardian")}
