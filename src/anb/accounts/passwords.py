"""Acceptable passwords: long enough, not among the most common, not the person's own name; in one form of Unicode."""

import importlib.util
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

LEAST, MOST = 8, 128
# As typed, before its characters are composed: a letter with its accents may arrive as several characters.
MOST_TYPED = 4 * MOST
COMMONEST = 3000


def composed(password: str) -> str:
    """Return a password in its composed form (NFC): the same keys may produce another form on another system."""
    return unicodedata.normalize("NFC", password)


def is_common(password: str) -> bool:
    """Say whether it is among the most common passwords of sufficient length, compared as typed."""
    return password in _commonest()


def is_personal(password: str, first_name: str, last_name: str, email: str) -> bool:
    """Say whether it is the person's name or e-mail, in upper or lower case."""
    names = (first_name, last_name, f"{first_name} {last_name}", f"{first_name}{last_name}", email)
    return password.casefold() in {name.casefold() for name in names}


@cache
def _commonest() -> frozenset[str]:
    """Read the list on first use.

    The package is not imported, because it would build and keep 94,000 rankings that we do not need.
    """
    found = importlib.util.find_spec("zxcvbn")
    places: Iterable[str] = found.submodule_search_locations or () if found else ()
    path = next(place for folder in places if (place := Path(folder, "frequency_lists.py")).is_file())
    spec = importlib.util.spec_from_file_location("anb_frequency_lists", path)
    assert spec is not None  # noqa: S101 - for the types: the file is there
    assert spec.loader is not None  # noqa: S101
    lists = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lists)
    return frozenset(islice((word for word in lists.FREQUENCY_LISTS["passwords"] if len(word) >= LEAST), COMMONEST))
