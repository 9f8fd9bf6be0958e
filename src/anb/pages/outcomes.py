"""Forms of the account that are shown again with what is wrong, and pages that say how something ended."""

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Response
from pydantic import ValidationError

from anb.accounts.domain import EmailTaken, PasswordsDiffer, WrongPassword
from anb.accounts.passwords import LEAST
from anb.errors import Refusal
from anb.fields import InvalidField
from anb.pages.forms import mistakes
from anb.pages.view import View
from anb.web.problems import RETRY_AFTER

# The field that a refusal is about.
_FIELDS: Mapping[type[Refusal], str] = {EmailTaken: "email", PasswordsDiffer: "password2", WrongPassword: "password"}

Action = tuple[str, str]  # a path, and the sentence of its link


def show_form(view: View, template: str, typed: Mapping[str, str] | None = None, **shown: Any) -> Response:  # noqa: ANN401 - what a template shows
    """Show a form that only its reader may keep."""
    return _form(view, template, 200, typed or {}, {}, "", shown)


def show_form_again(
    view: View,
    template: str,
    typed: Mapping[str, str],
    error: ValidationError | Refusal,
    **shown: Any,  # noqa: ANN401 - what a template shows
) -> Response:
    """Show a form with what was typed, but no password, and what is wrong with it."""
    language = view.t.language
    if isinstance(error, ValidationError):
        errors = mistakes(error, view, typed)
    elif isinstance(error, InvalidField):
        errors = {one["field"]: one["message"] for one in error.spoken(language)}
    elif type(error) in _FIELDS:
        errors = {_FIELDS[type(error)]: error.text(language)}
    else:
        busy = error.status == HTTPStatus.SERVICE_UNAVAILABLE
        is_later = busy or error.status == HTTPStatus.TOO_MANY_REQUESTS
        status = error.status if is_later else HTTPStatus.BAD_REQUEST  # 401 would ask for HTTP's own sign-in
        again = _form(view, template, status, typed, {}, error.text(language), shown)
        if busy:
            again.headers["Retry-After"] = RETRY_AFTER  # a valid form: it may be sent again in a moment
        return again
    return show_mistakes(view, template, typed, errors, **shown)


def show_mistakes(
    view: View,
    template: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    **shown: Any,  # noqa: ANN401 - what a template shows
) -> Response:
    """Show a form with what was typed, but no password, and what is wrong with each field."""
    return _form(view, template, HTTPStatus.BAD_REQUEST, typed, errors, view.t("form.problem"), shown)


def show_link(view: View, kind: str, token: str) -> Response:
    """Show the button that uses a link: opening the page used nothing."""
    return private(view.show("account_link.html", kind=kind, token=token))


def show_told(view: View, what: Refusal | str, action: Action, **facts: object) -> Response:
    """Say how something ended: a refusal, or a sentence about a mail that was sent."""
    path, link = action
    refused = isinstance(what, Refusal)
    title = view.t("error.refused_title" if refused else "told.mail_title")
    text = what.text(view.t.language) if isinstance(what, Refusal) else view.t(what, **facts)
    status = what.status if isinstance(what, Refusal) else HTTPStatus.OK
    page = view.show("account_told.html", status, title=title, text=text, path=path, action=view.t(link))
    return private(page)


def _form(
    view: View,
    template: str,
    status: int,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    problem: str,
    shown: Mapping[str, Any],
) -> Response:
    page = view.show(
        template,
        status,
        typed=defaultdict(str, typed),
        errors=defaultdict(str, errors),
        problem=problem,
        least=LEAST,
        **shown,
    )
    return private(page)


def private(page: Response) -> Response:
    """Let no shared cache keep a page."""
    page.headers["Cache-Control"] = "private, no-store"
    return page
