"""Spanish unless English is preferred, and numbers as each language writes them."""

import pytest
from starlette.requests import Request

from anb.media.rules import TooShort, UnsupportedCodec
from anb.sentences import Sentence
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
        ("en;q", "es"),
        ("en;q=0=1", "es"),
        ("en; q=0.7 ,es;q=0.6", "en"),
        ("en;q=0.001", "en"),
        ("en;q=0", "es"),
        ("es;q=0.9,es-CO;q=0.1,en;q=0.8", "es"),
        ("EN-us", "en"),
        ("en_US", "en"),
        ("pt-BR,pt;q=0.9,en;q=0.8,es;q=0.5", "pt"),
        ("pt;q=0.8,en", "en"),
        ("pt,es", "es"),
        ("en,pt", "en"),
        ("pt,en", "pt"),
        ("enm", "es"),
        ("*", "es"),
    ],
)
def test_the_language_of_the_answer(header: str, expected: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert language_of(request) == expected


def test_a_refusal_speaks_each_language_with_its_own_decimals() -> None:
    refusal = TooShort(seconds=18.4, least=20.0, most=60.0)
    assert refusal.text("es") == "Tu video dura 18,4 s; sube uno de 20 a 60 s."
    assert refusal.text("en") == str(refusal) == "Your video lasts 18.4 s; upload one of 20 to 60 s."


def test_a_field_may_be_a_sentence_too() -> None:
    refusal = UnsupportedCodec(codec=Sentence("codec.unknown"))
    assert "viene en un formato que no conocemos;" in refusal.text("es")
    assert "is coded in a format that we do not know;" in refusal.text("en")


@pytest.mark.parametrize(("chosen", "expected"), [("en", "en"), ("pt", "pt"), ("xx", "es"), ("", "es"), ("EN", "es")])
def test_a_choice_comes_before_what_the_browser_prefers(chosen: str, expected: str) -> None:
    headers = [(b"accept-language", b"es-CO"), (b"cookie", f"a=b; anb-language={chosen}".encode())]
    assert language_of(Request({"type": "http", "headers": headers})) == expected
