"""What can go wrong, in two kinds: a refusal of somebody's request, and an outage of one of our parts."""

from dataclasses import dataclass
from typing import ClassVar, Literal

Language = Literal["es", "en"]


class AnbError(Exception):
    """Anything this system raises on purpose."""


class Refusal(AnbError):
    """A request we understood and turn down; it names the rule and the value, and leaves nothing behind.

    A subclass is a sentence: its `status` is the HTTP status, its `code` a stable word for programs, its `es` and `en`
    the sentence people read, with the keyword arguments as fields. Those that `shown` names stand
    in the problem document too.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    es: ClassVar[str] = "Solicitud rechazada."
    en: ClassVar[str] = "Request refused."
    shown: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **fields: object) -> None:
        super().__init__(self.code)
        self.fields = fields

    def text(self, language: Language) -> str:
        """Return the sentence for people, in one of our two languages."""
        template = self.es if language == "es" else self.en
        return template.format(**{name: _spoken(value, language) for name, value in self.fields.items()})

    def __str__(self) -> str:
        return self.text("en")


class Outage(AnbError):
    """A part of ours did not do its work; worth a retry, and somebody's attention if that goes on."""


@dataclass(frozen=True)
class Bilingual:
    """One text in both languages, for a field of a refusal."""

    es: str
    en: str

    def text(self, language: Language) -> str:
        """Return it in one of them."""
        return self.es if language == "es" else self.en


def _spoken(value: object, language: Language) -> str:
    """Write a value as the language does: 18.4 is 18,4 in Spanish."""
    if isinstance(value, Bilingual):
        return value.text(language)
    if isinstance(value, float):
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if language == "es" else text
    return str(value)
