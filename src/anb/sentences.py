"""Sentences for people: one gettext catalogue per language. Python code names only the default language."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol

Language = str  # the name of a folder below `locale`: the first part of a language tag
DEFAULT: Language = "es"
LANGUAGE_COOKIE = "anb-language"  # what a reader has chosen on our pages; nginx reads it too
LOGS: Language = "en"  # the operators' language
FOLDER = Path(__file__).parent / "locale"
FILE = Path("LC_MESSAGES", "anb.po")


class UnknownSentence(KeyError):
    """No catalogue has this message, not even the default one."""


class Catalogue:
    """The sentences of one language. Those that its file lacks come from the default catalogue."""

    def __init__(self, language: Language, file: BinaryIO, default: "Catalogue | None" = None) -> None:
        catalog = read_po(file, abort_invalid=True)
        if catalog.locale is None:
            raise ValueError(f"the catalogue {language} lacks the header Language, such as es_CO")
        said = {_forms(each.id)[0]: _forms(each.string) for each in catalog if each.id and not each.fuzzy}
        self.language = language
        self.locale: Locale = catalog.locale
        # Only those with every form translated: for a missing form, gettext would return the key.
        self.sentences: Mapping[str, tuple[str, ...]] = {key: forms for key, forms in said.items() if all(forms)}
        self._gettext = _compiled(catalog)
        self._default = default

    def sentence(self, key: str, count: float | None = None) -> str:
        """Return a sentence with its fields unfilled; with a count, in the matching plural form.

        Raises UnknownSentence.
        """
        if key not in self.sentences:
            if self._default is None:
                raise UnknownSentence(key)
            return self._default.sentence(key, count)
        if len(self.sentences[key]) == 1 or count is None:
            return self._gettext.gettext(key)
        return self._gettext.ngettext(key, key, count)  # type: ignore[arg-type]  # 1.5 votes have a form too

    def say(self, key: str, fields: Mapping[str, object]) -> str:
        """Return a sentence with its fields filled in. Raises UnknownSentence, or KeyError for a missing field."""
        count = fields.get("count")
        pattern = self.sentence(key, count if isinstance(count, int | float) else None)
        return pattern.format(**{name: self._value(value) for name, value in fields.items()})

    def _value(self, value: object) -> str:
        """Write a value as the language does: 18.4 is 18,4 in Spanish."""
        if isinstance(value, Sentence):
            return self.say(value.key, value.fields)
        if isinstance(value, float):
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            return text.replace(".", get_decimal_symbol(self.locale))
        return str(value)


@dataclass(frozen=True)
class Sentence:
    """A message in any language: its key, and the values of its fields."""

    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return the sentence in one language."""
        return catalogues()[language].say(self.key, self.fields)

    def __str__(self) -> str:
        return self.text(LOGS)

    def written(self) -> dict[str, Any]:
        """Return the sentence as JSON for a row."""
        return {"key": self.key, "fields": {name: _json(value) for name, value in self.fields.items()}}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Sentence":
        """Read a sentence from JSON that `written` returned."""
        fields = kept["fields"].items()
        return cls(kept["key"], {name: cls.read(value) if isinstance(value, dict) else value for name, value in fields})


@dataclass(frozen=True)
class KeptSentence:
    """A sentence stored in a row, so that every reader can see it in their own language."""

    said: Mapping[Language, str]  # as first written: the only form in rows of earlier versions
    sentence: Sentence | None = None

    def text(self, language: Language) -> str:
        """Return the sentence in one language."""
        if self.sentence is not None:
            with suppress(KeyError):  # a message or a field that only another version knows
                return self.sentence.text(language)
        return self.said.get(language) or self.said[DEFAULT]


def _json(value: object) -> object:
    if isinstance(value, Sentence):
        return value.written()
    return value if isinstance(value, int | float) else str(value)


def is_known(key: str) -> bool:
    """Say whether a message exists."""
    return key in catalogues()[DEFAULT].sentences


def catalogues() -> Mapping[Language, Catalogue]:
    """Return every catalogue, the default one first."""
    return _read(FOLDER)


@cache
def _read(folder: Path) -> Mapping[Language, Catalogue]:
    default = _open(folder, DEFAULT, None)
    others = sorted(path.parts[-len(FILE.parts) - 1] for path in folder.glob(f"*/{FILE}"))
    return {DEFAULT: default} | {each: _open(folder, each, default) for each in others if each != DEFAULT}


def _open(folder: Path, language: Language, default: Catalogue | None) -> Catalogue:
    with (folder / language / FILE).open("rb") as file:
        return Catalogue(language, file, default)


def _compiled(catalog: Catalog) -> GNUTranslations:
    """Compile a catalogue in memory: sentences are few, and are read once."""
    binary = BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return GNUTranslations(binary)


def _forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, tuple | list) else (said or "",)
