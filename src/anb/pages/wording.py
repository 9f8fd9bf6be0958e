"""What the pages say: sentences by language, and numbers, dates and times as its readers write them."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from anb.errors import Language

_LOCALES: Mapping[Language, str] = {"es": "es_CO", "en": "en"}
# Colombia keeps one time all year; a fixed offset needs no zone data on the machine.
COLOMBIA = timezone(timedelta(hours=-5), "COT")


class Wording:
    """One language, as templates use it: `t("home.title")`, `t.number(7)`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.sentences = _read(language)
        self._locale = _LOCALES[language]

    def __call__(self, key: str, **fields: object) -> str:
        """Return a sentence with its fields filled in. Raises KeyError for one we do not have."""
        return self.sentences[key].format(**fields)

    def count(self, key: str, n: int) -> str:
        """Return the singular or plural form of a sentence, with `n` written as a number."""
        return self(f"{key}_{'one' if n == 1 else 'other'}", n=self.number(n))

    def number(self, value: float) -> str:
        """Write a number: 1.234,5 or 1,234.5."""
        return format_decimal(value, locale=self._locale)

    def percent(self, per_cent: int) -> str:
        """Write a share of a hundred."""
        return format_percent(per_cent / 100, locale=self._locale)

    def day(self, moment: datetime) -> str:
        """Write the day of a moment, in Colombia."""
        return format_date(moment.astimezone(COLOMBIA), "long", locale=self._locale)

    def time(self, moment: datetime) -> str:
        """Write the time of day of a moment, in Colombia."""
        return format_time(moment, "short", tzinfo=COLOMBIA, locale=self._locale)


@cache
def wording(language: Language) -> Wording:
    """Return the wording of a language; read once."""
    return Wording(language)


def _read(language: Language) -> dict[str, str]:
    text = files("anb.pages").joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{name}": sentence
        for section, sentences in tomllib.loads(text).items()
        for name, sentence in sentences.items()
    }
