"""Spanish unless English is preferred, and numbers as each language writes them."""

import pytest
from starlette.requests import Request

from anb.errors import Bilingual, Refusal
from anb.web.language import language_of


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "es"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("es-CO,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0.9,es;q=0.8", "en"),
        ("de,fr;q=0.9", "es"),
        ("es;q=1, en;q=1", "es"),
        ("en;q=nonsense", "es"),
        ("*", "es"),
    ],
)
def test_the_language_of_the_answer(header: str, expected: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert language_of(request) == expected


class TooWarm(Refusal):
    """For this test."""

    es = "{degrees} grados: {why}."
    en = "{degrees} degrees: {why}."


def test_a_refusal_speaks_each_language_with_its_own_decimals() -> None:
    refusal = TooWarm(degrees=18.4, why=Bilingual("mucho", "a lot"))
    assert refusal.text("es") == "18,4 grados: mucho."
    assert refusal.text("en") == str(refusal) == "18.4 degrees: a lot."
