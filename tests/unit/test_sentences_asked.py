"""Texts of code other than pages and refusals: each sentence that it asks for exists, and none is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

import anb
from anb.engines.nginx_problems import PROBLEMS
from anb.fields import finding
from anb.fraud.domain import Tie
from anb.fraud.doubts import Doubt
from anb.moderation.domain import ReportReason
from anb.sentences import DEFAULT, LOGS, catalogues
from anb.videos.verdict import RefusalReason

SAID = catalogues()[DEFAULT].sentences.keys()
SOURCE = Path(anb.__file__).parent
# Functions that take a sentence's key, or the last part of one: `Sentence("codec.unknown")`, `finding("blank")`.
ASKS = {"Sentence": "", "finding": "field.", "PydanticCustomError": "field."}
SECTIONS = ("field.", "failed.", "amount.", "codec.", "nginx.")


def asked() -> Iterator[str]:
    """Yield the keys that calls name."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(key)), *_]) if name in ASKS:
                    yield ASKS[name] + key


def test_no_code_names_a_language_but_the_default_and_that_of_logs() -> None:
    further = {f'"{language}' for language in catalogues()} - {f'"{DEFAULT}', f'"{LOGS}'}
    assert further
    for path in (each for each in SOURCE.rglob("*") if each.suffix in {".py", ".j2", ".js", ".html"}):
        text = path.read_text(encoding="utf-8").replace("'", '"')
        assert [name for name in further if f'{name}"' in text or f"{name}-" in text] == [], path


def test_code_asks_for_all_of_them() -> None:
    keys = set(asked()) | {problem.sentence.key for problem in PROBLEMS}
    pydantic = {f"field.{each}" for each in get_args(ErrorType)}
    assert keys <= SAID
    assert {key for key in SAID if key.startswith(SECTIONS)} - keys - pydantic == set()


@pytest.mark.parametrize("kind", ["missing", "string_too_long"])
def test_what_pydantic_finds_is_said_in_our_words(kind: str) -> None:
    assert finding(kind).key == f"field.{kind}"


def test_what_it_may_find_besides_is_said_in_general() -> None:
    assert finding("is_instance_of", {"class": "Car"}).text("es") == "El valor no es válido."


def test_each_reason_for_a_refusal_has_its_sentence() -> None:
    assert {key for key in SAID if key.startswith("clip_refused.")} == {
        f"clip_refused.{each}" for each in RefusalReason
    }


def test_each_reason_for_a_report_has_its_sentence() -> None:
    assert {key for key in SAID if key.startswith("report.")} == {each.sentence.key for each in ReportReason}


def test_each_tie_of_accounts_has_its_sentence() -> None:
    assert {key for key in SAID if key.startswith("cluster.")} == {f"cluster.{tie}" for tie in Tie}


def test_each_doubt_about_a_vote_has_its_sentence() -> None:
    assert {key for key in SAID if key.startswith("doubt.")} == {doubt.said.key for doubt in Doubt}
