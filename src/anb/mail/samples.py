"""Mails with made-up facts, to be looked at."""

from collections.abc import Mapping

from anb.mail.domain import RULES, STOP, Facts, MailKind, Recipient
from anb.mail.wording import WrittenMail, write
from anb.sentences import Language

SITE = "https://anb.example"
FACTS: Mapping[str, str | int] = {
    "link": "/somewhere?token=0123456789abcdef",
    "hours": 24,
    "days": 7,
    "device": "Firefox, Linux",
    "player": "Lucía Ríos",
    "request": "0197f6a0",
    "title": "Mi mejor triple",
    "reason": "12 s < 20 s",
    "season": "Temporada 1",
    "day": "2026-11-30",
    "position": 3,
    "votes": 128,
}


def sample(kind: MailKind, language: Language, name: str = "Lucía", **facts: str | int) -> WrittenMail:
    """Write a mail of a kind with made-up facts, except those given."""
    known = {**FACTS, **facts}
    told: Facts = {each: known[each] for each in RULES[kind].facts}
    if not RULES[kind].necessary:
        told = {**told, STOP: "0123456789abcdef"}
    return write(kind, Recipient(None, "lucia@example.com", name, language), told, site=SITE)
