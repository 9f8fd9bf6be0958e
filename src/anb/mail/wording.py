"""The text of a mail: one list of parts, written as text and as HTML, so that the two never disagree."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from anb.mail.domain import RULES, STOP, Facts, MailKind, Recipient
from anb.sentences import DEFAULT, catalogues, is_known

BUTTON = "button"
COUNTED = ("hours", "days", "votes")  # the fact that decides the plural form of a sentence


class Paragraph(NamedTuple):
    """A part of a mail: a sentence, or a link if it has an address."""

    text: str
    link: str | None = None


class WrittenMail(NamedTuple):
    """A mail in the words of one language."""

    subject: str
    text: str
    html: str


def write(kind: MailKind, to: Recipient, facts: Facts, *, site: str) -> WrittenMail:
    """Write a mail. Raises UnknownSentence, or KeyError for a missing fact."""
    catalogue = catalogues().get(to.language) or catalogues()[DEFAULT]
    fields = _fields(to.name, facts, catalogue.locale)

    def say(key: str) -> str:
        return catalogue.say(f"mail.{key}", fields)

    parts = [
        Paragraph(say(_key(kind, each, facts)), _address(site, str(facts["link"])) if each == BUTTON else None)
        for each in RULES[kind].parts
    ]
    shown: dict[str, Any] = {
        "hello": say("hello") if to.name else say("hello_nobody"),
        "parts": parts,
        "bye": say("bye"),
        "why": say("why") if to.account_id is None else say("why_account"),
        "stop": Paragraph(say("stop"), stop_address(site, str(facts[STOP]))) if STOP in facts else None,
        "site": site,
        "subject": say(f"{kind}.subject"),
        "language": str(catalogue.locale).replace("_", "-"),
    }
    text, html = (_environment().get_template(f"mail.{form}.j2").render(shown) for form in ("txt", "html"))
    return WrittenMail(shown["subject"], text, html)


def stop_address(site: str, token: str) -> str:
    """Return the address at which one click switches a kind of mails off."""
    return f"{site}/mail/stop?token={token}"


def _key(kind: MailKind, part: str, facts: Facts) -> str:
    if part == "lasts" and not is_known(f"mail.{kind}.lasts"):
        return "lasts_days" if "days" in facts else "lasts_hours"
    return f"{kind}.{part}"


def _fields(name: str, facts: Facts, locale: Locale) -> Mapping[str, object]:
    """Return what fills the sentences; a day is written as the language's readers write it."""
    count = next((facts[each] for each in COUNTED if each in facts), 1)
    day = {"day": format_date(date.fromisoformat(str(facts["day"])), "long", locale=locale)} if "day" in facts else {}
    return {**facts, **day, "name": name, "count": count}


def _address(site: str, link: str) -> str:
    """Return the address of a link: most are paths of the site."""
    return link if link.startswith(("https://", "http://")) else site + link


@cache
def _environment() -> Environment:
    """Return the environment of the two templates; only HTML is escaped."""
    return Environment(
        loader=PackageLoader("anb.mail"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
