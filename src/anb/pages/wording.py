"""The text of pages: the sentences of a language, and numbers, dates and times as its readers write them."""

from datetime import datetime
from functools import cache

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from anb.sentences import Language, catalogues
from anb.zones import COLOMBIA


class Wording:
    """One language, as templates use it: `t("home.title")`, `t.number(7)`."""

    def __init__(self, language: Language) -> None:
        self._catalogue = catalogues()[language]
        self._locale = self._catalogue.locale
        self.language = language
        self.tag = str(self._locale).replace("_", "-")  # as browsers call it: es-CO

    def __call__(self, key: str, **fields: object) -> str:
        """Return a sentence with its fields filled in. Raises UnknownSentence."""
        return self.pattern(key).format(**fields)

    def pattern(self, key: str) -> str:
        """Return a sentence whose fields a script fills in. Raises UnknownSentence."""
        return self._catalogue.sentence(key)

    def count(self, key: str, count: int) -> str:
        """Return a sentence in the plural form of a count, with `count` written as a number."""
        return self._catalogue.sentence(key, count).format(count=self.number(count))

    def number(self, value: float) -> str:
        """Write a number: 1.234,5 or 1,234.5."""
        return format_decimal(value, locale=self._locale)

    def percent(self, per_cent: int) -> str:
        """Write a percentage."""
        return format_percent(per_cent / 100, locale=self._locale)

    def day(self, moment: datetime) -> str:
        """Write the day of a moment, in Colombia."""
        return format_date(moment.astimezone(COLOMBIA), "long", locale=self._locale)

    def time(self, moment: datetime) -> str:
        """Write the time of day of a moment, in Colombia."""
        return format_time(moment, "short", tzinfo=COLOMBIA, locale=self._locale)


@cache
def languages() -> dict[Language, str]:
    """Return each language, and how its readers call it."""
    return {name: (each.locale.get_language_name() or name).capitalize() for name, each in catalogues().items()}


@cache
def wording(language: Language) -> Wording:
    """Return the wording of a language; made once."""
    return Wording(language)
