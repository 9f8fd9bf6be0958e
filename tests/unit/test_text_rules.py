"""What a name, a title or a city may contain: visible characters, and those that join them, in each script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.fields import InvalidField, finding
from anb.text import clean, is_blank, is_readable
from anb.videos.domain import TITLE_LENGTH, checked_title

ZWJ, ZWNJ, SHY, VS16 = "\u200d", "\u200c", "\u00ad", "\ufe0f"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
SEEN = {
    "a woman with a ball": f"\u26f9{VS16}{ZWJ}\u2640{VS16}",
    "a dark-skinned man with a ball": f"\u26f9\U0001f3ff{ZWJ}\u2642{VS16}",
    "a family": f"\U0001f468{ZWJ}\U0001f469{ZWJ}\U0001f467",
    "a heart on fire": f"\u2764{VS16}{ZWJ}\U0001f525",
    "a head that shakes": f"\U0001f642{ZWJ}\u2194{VS16}",
    "an astronaut": f"\U0001f469\U0001f3fd{ZWJ}\U0001f680",
    "a pirates' flag": f"\U0001f3f4{ZWJ}\u2620{VS16}",
    "a flag of letters": "\U0001f1e8\U0001f1f4",
    "a flag of tags": f"Gol de {ENGLAND} hoy",
    "a keycap": f"Top 3{VS16}\u20e3",
    "an emoji of tomorrow": "\U0001faf9\U0001faff",
    "Persian": f"\u0645\u06cc{ZWNJ}\u062e\u0648\u0627\u0647\u0645",
    "Sinhala": f"\u0dc1\u0dca{ZWJ}\u0dbb\u0dd3",
    "Malayalam with an old final half letter": f"\u0d28\u0d4d{ZWJ}",
    "a soft hyphen": f"Balon{SHY}cesto",
    "Hebrew with points": "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd",
    "Spanish": "¡Triple de Ñandú, 3×3! «Así» — O’Neill",
    "one letter of Chinese": "李",
    "a Chinese letter in a shape of its own": "\u845b\U000e0100",
    "a file's name as a Mac writes it": "clip n\u0303ato.MOV",
}
UNSEEN = {
    "an override": "abc\u202egnp.exe",
    "an isolate": "abc\u2067def",
    "a mark of direction": "abc\u200f",
    "tags of nothing": "Gol\U000e0067\U000e007f",
    "tags without an end": ENGLAND[:-1],
    "a joiner at the end": f"Gol{ZWJ}",
    "a joiner between words": f"Gol {ZWNJ} gol",
    "two joiners": f"a{ZWNJ}{ZWNJ}b",
    "a space of no width": "Gol\u200bgol",
    "a byte order mark": "\ufeffGol",
    "a filler": "Gol\u3164",
    "Braille without a dot": "Gol\u2800",
    "a null": "Gol\0",
    "an escape": "Gol\x1b[31m",
    "half a character": "Gol\ud800",
    "no character": "Gol\uffff",
    "private use": "Gol\ue000",
    "a mark without a letter": "\u0301Gol",
    "marks heaped up": "G" + "\u0321" * 9,
}
INVISIBLE = [
    "",
    "   ",
    "\u200b",
    f"{ZWJ}{ZWJ}",
    "\u2800",
    "\u3164\u115f",
    SHY,
    "\u202e\u202c",
    VS16,
    "\U000e0067",
    "\u0301",
]


@pytest.mark.parametrize("text", SEEN.values(), ids=SEEN)
def test_what_people_see_may_be_written(text: str) -> None:
    assert not is_blank(text)
    assert is_readable(text)
    assert is_readable(clean(text))


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_what_people_cannot_see_may_not(text: str) -> None:
    assert not is_readable(text)


@pytest.mark.parametrize("text", INVISIBLE)
def test_nothing_to_see_is_blank(text: str) -> None:
    assert is_blank(text)


@given(st.text())
def test_a_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert is_readable(clean(text)) in {True, False}


LETTERS = st.characters(categories=["L", "N", "P"], exclude_characters="\u115f\u1160\u3164\uffa0")


@given(st.text(LETTERS, min_size=1), st.sampled_from([ZWNJ, ZWJ, SHY]), st.text(LETTERS, min_size=1))
def test_a_joiner_stands_only_between_two_letters(before: str, joiner: str, after: str) -> None:
    before, after = unicodedata.normalize("NFC", before), unicodedata.normalize("NFC", after)
    assert is_readable(before + joiner + after)
    assert not is_readable(before + joiner)
    assert not is_readable(joiner + after)
    assert not is_readable(before + joiner + joiner + after)


@given(st.text(), st.sampled_from("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\0\ufeff\u200b"), st.text())
def test_no_override_passes_wherever_it_stands(before: str, control: str, after: str) -> None:
    assert not is_readable(clean(before + control + after))


class TestTitle:
    def test_blanks_are_put_in_order_and_letters_composed(self) -> None:
        assert checked_title("  Mi\u00a0 n\u0303ato\n") == "Mi ñato"

    @pytest.mark.parametrize(("title", "said"), [(None, "missing"), (" \u200b ", "blank"), ("Gol\u202e", "characters")])
    def test_a_title_is_refused_with_what_is_wrong(self, title: str | None, said: str) -> None:
        with pytest.raises(InvalidField) as refused:
            checked_title(title)
        assert refused.value.findings == {"title": finding(said)}

    def test_marks_without_number_are_too_long_before_they_are_ordered(self) -> None:
        with pytest.raises(InvalidField) as refused:
            checked_title("a" + "\u0301\u0321" * 30_000)
        assert str(TITLE_LENGTH) in refused.value.findings["title"].text("es")
