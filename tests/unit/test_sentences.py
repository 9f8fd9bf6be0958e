"""The catalogues: each language has each sentence, with the same fields and its plural forms; a language is a file."""

import io
import json
from pathlib import Path
from string import Formatter
from uuid import UUID

import pytest
from babel.messages.pofile import PoFileError, read_po
from starlette.requests import Request

from anb.app import describe
from anb.media.rules import TooShort
from anb.sentences import (
    DEFAULT,
    FILE,
    FOLDER,
    Catalogue,
    KeptSentence,
    Sentence,
    UnknownSentence,
    catalogues,
)
from anb.web.language import language_of
from support.languages import INVENTED, MARK, invent

HEADER = """msgid ""
msgstr ""
"Language: {}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals={}; plural={};\\n"
"""
ENGLISH = HEADER.format("en", 2, "n != 1")
LANGUAGES = sorted(path.name for path in FOLDER.iterdir())


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def catalogue(text: str, default: Catalogue | None = None) -> Catalogue:
    return Catalogue("xx", io.BytesIO(text.encode()), default)


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryCatalogue:
    def test_says_everything_and_nothing_besides(self, language: str) -> None:
        assert catalogues()[language].sentences.keys() == catalogues()[DEFAULT].sentences.keys()

    def test_fills_in_the_same_fields_in_each_of_its_forms(self, language: str) -> None:
        ours, theirs = catalogues()[language].sentences, catalogues()[DEFAULT].sentences
        for key, forms in ours.items():
            assert {frozenset(fields(form)) for form in forms} == {frozenset(fields(theirs[key][0]))}, key

    def test_has_all_plural_forms_of_its_language_where_any_language_has_some(self, language: str) -> None:
        with (FOLDER / language / FILE).open("rb") as file:
            forms = read_po(file).num_plurals
        for key, said in catalogues()[language].sentences.items():
            inflected = any(len(each.sentences[key]) > 1 for each in catalogues().values())
            assert len(said) == (forms if inflected else 1), key

    def test_leaves_no_translation_to_be_reviewed(self, language: str) -> None:
        with (FOLDER / language / FILE).open("rb") as file:
            catalog = read_po(file)
        assert [message.id for message in catalog if message.id and message.fuzzy] == []
        assert catalog.obsolete == {}


class TestForms:
    POLISH = (
        HEADER.format("pl", 3, "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)")
        + """
msgid "votes"
msgid_plural "votes"
msgstr[0] "{count} głos"
msgstr[1] "{count} głosy"
msgstr[2] "{count} głosów"
"""
    )

    def test_a_language_chooses_by_its_own_rule(self) -> None:
        polish = catalogue(self.POLISH)
        said = [polish.sentence("votes", n).format(count=n) for n in (1, 2, 5, 12, 22)]
        assert said == ["1 głos", "2 głosy", "5 głosów", "12 głosów", "22 głosy"]

    def test_a_count_changes_nothing_where_the_language_has_one_form(self) -> None:
        told = catalogue(ENGLISH + '\nmsgid "sheep"\nmsgstr "{count} sheep"\n')
        assert told.sentence("sheep", 3) == "{count} sheep"


class TestWhatIsMissing:
    DEFAULT = catalogue(
        HEADER.format("es_CO", 2, "n != 1")
        + """
msgid "hello"
msgstr "Hola"

msgid "votes"
msgid_plural "votes"
msgstr[0] "voto"
msgstr[1] "votos"
"""
    )

    @pytest.mark.parametrize(
        "entry",
        [
            "",
            'msgid "hello"\nmsgstr ""',
            '#, fuzzy\nmsgid "hello"\nmsgstr "Hi?"',
        ],
    )
    def test_it_is_said_as_the_default_language_does(self, entry: str) -> None:
        assert catalogue(f"{ENGLISH}\n{entry}\n", self.DEFAULT).sentence("hello") == "Hola"

    def test_so_are_all_plural_forms_where_one_is_missing(self) -> None:
        half = 'msgid "votes"\nmsgid_plural "votes"\nmsgstr[0] "vote"\nmsgstr[1] ""'
        told = catalogue(f"{ENGLISH}\n{half}\n", self.DEFAULT)
        assert [told.sentence("votes", n) for n in (1, 2)] == ["voto", "votos"]

    def test_what_nobody_says_is_an_error(self) -> None:
        with pytest.raises(UnknownSentence):
            catalogue(ENGLISH, self.DEFAULT).sentence("no.such")

    def test_a_file_that_is_no_catalogue_is_an_error(self) -> None:
        with pytest.raises(PoFileError, match="misformatted"):
            catalogue(ENGLISH + "\nthis is no message\n")

    def test_a_catalogue_says_for_whom_numbers_and_dates_are_written(self) -> None:
        with pytest.raises(ValueError, match="lacks the header Language"):
            catalogue('msgid "hello"\nmsgstr "Hi"\n')


class TestKept:
    """What rows keep of a sentence."""

    TOLD = Sentence("refusal.unsupported-codec", {"codec": Sentence("codec.unknown"), "seconds": 18.4, "at": "x"})

    def test_it_is_read_as_it_was_written(self) -> None:
        kept = json.loads(json.dumps(self.TOLD.written()))
        assert Sentence.read(kept) == self.TOLD

    def test_what_is_neither_number_nor_sentence_is_kept_as_text(self) -> None:
        assert Sentence("x", {"id": UUID(int=7)}).written()["fields"] == {"id": str(UUID(int=7))}

    @pytest.mark.parametrize(
        "sentence",
        [
            None,  # of a row of the previous version
            Sentence("refusal.of-tomorrow"),
            Sentence("refusal.clip-too-short", {"seconds": 18.4}),  # which had other fields once
        ],
    )
    def test_what_this_version_cannot_say_is_said_as_it_was(self, sentence: Sentence | None) -> None:
        kept = KeptSentence({"es": "Se cortó.", "en": "It broke off."}, sentence)
        assert [kept.text(language) for language in ("es", "en", "pt")] == ["Se cortó.", "It broke off.", "Se cortó."]


class TestALanguageIsAFile:
    @pytest.fixture(autouse=True)
    def invented(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        invent(tmp_path, monkeypatch)

    def test_sentences_and_refusals_are_said_in_it(self) -> None:
        assert catalogues()[INVENTED].sentence("site.clips") == f"{MARK} Clips"
        refusal = TooShort(seconds=18.4, least=20.0, most=60.0)
        assert refusal.text(INVENTED) == f"{MARK} Your video lasts 18.4 s; upload one of 20 to 60 s."

    def test_whoever_prefers_it_is_answered_in_it(self) -> None:
        request = Request({"type": "http", "headers": [(b"accept-language", b"en;q=0.5,qu-PE")]})
        assert language_of(request) == INVENTED

    def test_the_api_tells_of_it(self) -> None:
        assert "in Spanish or, by `Accept-Language`,\nEnglish or " in describe()
        assert "Quechua" in describe()

    def test_the_default_one_stays_first(self) -> None:
        assert next(iter(catalogues())) == DEFAULT
