"""What the pages say: the same in both languages, all of it used, and written as each language's readers write."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from string import Formatter

import pytest

from anb.pages.upload import _SAID
from anb.pages.wording import wording

PAGES = files("anb.pages")
ES, EN = wording("es"), wording("en")
# Sentences the code asks for, not a template.
BY_CODE = re.compile(rf"^(trouble\..+|upload\.({'|'.join(_SAID)})|live\.(failed|lead)|form\.(missing|problem))$")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def asked_for() -> tuple[set[str], set[str]]:
    """Return the keys that templates name, and the beginnings of those they put together."""
    source = "".join(path.read_text(encoding="utf-8") for path in PAGES.joinpath("templates").iterdir())
    whole = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", source))
    counted = set(re.findall(r"""t\.count\(["']([\w.]+)["']""", source))
    whole |= {f"{key}_{form}" for key in counted for form in ("one", "other")}
    return whole, {begin for begin in re.findall(r'"(\w+\.\w*)" ?~', source) if "." in begin}


def test_both_languages_say_the_same_things() -> None:
    assert ES.sentences.keys() == EN.sentences.keys()


@pytest.mark.parametrize("key", sorted(ES.sentences))
def test_both_languages_fill_in_the_same_fields(key: str) -> None:
    assert fields(ES.sentences[key]) == fields(EN.sentences[key])


def test_every_sentence_a_template_asks_for_is_there() -> None:
    whole, begun = asked_for()
    assert whole <= ES.sentences.keys()
    assert all(any(key.startswith(begin) for key in ES.sentences) for begin in begun)


def test_no_sentence_is_left_over() -> None:
    whole, begun = asked_for()
    spare = {key for key in ES.sentences if key not in whole and not key.startswith(tuple(begun))}
    assert [key for key in spare if not BY_CODE.match(key)] == []


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        ES("home.no_such_sentence")


def test_one_is_singular_and_all_else_plural() -> None:
    assert [ES.count("count.votes", n) for n in (0, 1, 2)] == ["votos", "voto", "votos"]
    assert EN.count("count.clips", 1) == "1 clip"
    assert ES.count("count.clips", 1200) == "1.200 clips"


def test_numbers_days_and_times_are_written_as_readers_write_them() -> None:
    moment = datetime(2026, 3, 8, 0, 42, tzinfo=UTC)  # still the evening of the 7th in Colombia
    assert (ES.number(1234.5), EN.number(1234.5)) == ("1.234,5", "1,234.5")
    assert (ES.day(moment), EN.day(moment)) == ("7 de marzo de 2026", "March 7, 2026")
    assert [" ".join(said.split()) for said in (ES.time(moment), EN.time(moment))] == ["7:42 p. m.", "7:42 PM"]
