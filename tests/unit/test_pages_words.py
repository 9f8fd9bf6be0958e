"""The texts of the pages: all exist, all are used, and each is written as its language's readers write."""

import re
from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from anb.pages.results import DIFFERENCES, OUTCOMES
from anb.pages.upload import _SAID
from anb.pages.wording import wording
from anb.sentences import UnknownSentence, catalogues

PAGES, LOCALE = files("anb.pages"), files("anb.locale")
ES, EN, PT = map(wording, ("es", "en", "pt"))
# The texts of refusals, fields and rows belong to test_sentences_asked.py, those of mails to test_mail_wording.py.
OTHERS = (
    "refusal.", "field.", "failed.", "amount.", "codec.", "nginx.", "mail.", "cluster.", "doubt.", "clip_refused.",
    "report.",
)  # fmt: skip
SENTENCES = {key for key in catalogues()["es"].sentences if not key.startswith(OTHERS)}
# Sentences that the code asks for, not a template.
BY_CODE = re.compile(
    rf"^(error\..+|upload\.({'|'.join(_SAID)})|live\.(failed|hidden|lead|refused|waits)|form\.(missing|problem)|told\..+"
    r"|security\.done_.+|consent\.agree_needed|account_mail\.saved|signup\.city_elsewhere"
    r"|home\.(closed|days|hours|lead|until)|guardian\.(ended|given|refused|choose)"
    rf"|results\.here_({'|'.join(OUTCOMES)})|results\.differs_({'|'.join(DIFFERENCES)}))$"
)


def asked_for() -> tuple[set[str], set[str]]:
    """Return the keys that templates name, and the beginnings of those they put together."""
    source = "".join(path.read_text(encoding="utf-8") for path in PAGES.joinpath("templates").iterdir())
    whole = set(re.findall(r"""\bt\(\s*["']([\w.]+)["']\s*[,)]""", source))
    counted = set(re.findall(r"""t\.count\(["']([\w.]+)["']""", source))
    return whole | counted, {begin for begin in re.findall(r'"(\w+\.\w*)" ?~', source) if "." in begin}


def test_every_sentence_a_template_asks_for_is_there() -> None:
    whole, begun = asked_for()
    assert whole <= SENTENCES
    assert all(any(key.startswith(begin) for key in SENTENCES) for begin in begun)


def test_no_sentence_is_left_over() -> None:
    whole, begun = asked_for()
    spare = {key for key in SENTENCES if key not in whole and not key.startswith(tuple(begun))}
    assert [key for key in spare if not BY_CODE.match(key)] == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_each_sentence_is_in_a_catalogue_once(language: str) -> None:
    said = re.findall(r'(?m)^msgid "(.+)"', (LOCALE / language / "LC_MESSAGES" / "anb.po").read_text(encoding="utf-8"))
    assert [key for key, count in Counter(said).items() if count > 1] == []


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(UnknownSentence):
        ES("home.no_such_sentence")


def test_each_language_counts_by_its_own_rule() -> None:
    assert [ES.count("count.votes", n) for n in (0, 1, 2)] == ["votos", "voto", "votos"]
    assert [PT.count("count.votes", n) for n in (0, 1, 2)] == ["voto", "voto", "votos"]
    assert EN.count("count.clips", 1) == "1 clip"
    assert ES.count("count.clips", 1200) == "1.200 clips"


def test_numbers_days_and_times_are_written_as_readers_write_them() -> None:
    moment = datetime(2026, 3, 8, 0, 42, tzinfo=UTC)  # still the evening of the 7th in Colombia
    assert [t.number(1234.5) for t in (ES, EN, PT)] == ["1.234,5", "1,234.5", "1.234,5"]
    assert [t.day(moment) for t in (ES, EN, PT)] == ["7 de marzo de 2026", "March 7, 2026", "7 de março de 2026"]
    assert [" ".join(t.time(moment).split()) for t in (ES, EN, PT)] == ["7:42 p. m.", "7:42 PM", "19:42"]
