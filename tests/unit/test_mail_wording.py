"""The words of mails: each exists in every language, and text and HTML say the same."""

import re
from html.parser import HTMLParser
from uuid import UUID

import pytest

from anb.mail.domain import RULES, MailKind, Recipient
from anb.mail.samples import SITE, sample
from anb.mail.wording import write
from anb.sentences import catalogues

SHARED = {"hello", "hello_nobody", "bye", "why", "why_account", "stop", "lasts_hours", "lasts_days"}
LASTS_OF_THEIR_OWN = {MailKind.EXPORT_READY}
PAIRS = [(kind, language) for kind in RULES for language in catalogues()]


class PlainText(HTMLParser):
    """Reads the words of a page, and its links."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"img", "script", "iframe", "link"}, "a mail fetches nothing"
        self.links += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize(("kind", "language"), PAIRS)
def test_text_and_html_say_the_same(kind: MailKind, language: str) -> None:
    mail = sample(kind, language)
    page = PlainText()
    page.feed(mail.html.partition("<body")[2].partition(">")[2])
    in_text = re.sub(r":(?=\nhttp)", "", mail.text).split()
    assert [word for word in in_text if word not in page.words and word != "--" and not word.startswith("http")] == []
    assert set(re.findall(r"https?://\S+", mail.text)) == set(page.links)
    assert "{" not in mail.text + mail.subject


def test_every_sentence_of_mails_is_used_in_a_mail() -> None:
    asked = {
        f"{kind}.{part}"
        for kind, rule in RULES.items()
        for part in (*rule.parts, "subject")
        if part != "lasts" or kind in LASTS_OF_THEIR_OWN
    } | SHARED
    for catalogue in catalogues().values():
        assert {key.removeprefix("mail.") for key in catalogue.sentences if key.startswith("mail.")} == asked


def test_what_a_person_typed_is_text_in_html() -> None:
    mail = sample(MailKind.CONFIRM_EMAIL, "es", name='<b onclick="x">Ana</b>')
    assert "<b " not in mail.html
    assert 'Hola, <b onclick="x">Ana</b>:' in mail.text


def test_a_person_without_a_name_is_greeted_too() -> None:
    assert sample(MailKind.CONFIRM_EMAIL, "es", name="").text.startswith("Hola:\n")


def test_a_path_is_of_the_site_and_an_address_is_left_alone() -> None:
    assert "https://anb.example/somewhere?token=0123456789abcdef" in sample(MailKind.CONFIRM_EMAIL, "es").text
    other = "https://other.example/x"
    assert f"\n{other}\n" in sample(MailKind.CONFIRM_EMAIL, "es", link=other).text


def test_hours_are_counted_as_the_language_counts() -> None:
    assert "durante 1 hora." in sample(MailKind.CONFIRM_EMAIL, "es", hours=1).text
    assert "durante 24 horas." in sample(MailKind.CONFIRM_EMAIL, "es", hours=24).text


def test_a_language_that_is_not_known_any_more_is_the_default() -> None:
    assert sample(MailKind.CONFIRM_EMAIL, "xx") == sample(MailKind.CONFIRM_EMAIL, "es")


def test_every_kind_has_its_words() -> None:
    assert RULES.keys() == set(MailKind)


def test_days_and_votes_are_written_as_the_language_writes_them() -> None:
    assert "cierra el 30 de noviembre de 2026" in sample(MailKind.SEASON_CLOSES, "es").text
    assert "closes on November 30, 2026" in sample(MailKind.SEASON_CLOSES, "en").text
    assert "con 1 voto." in sample(MailKind.RESULTS, "es", votes=1).text
    assert "durante 7 días." in sample(MailKind.GUARDIAN_CONSENT, "es").text


@pytest.mark.parametrize("kind", RULES)
def test_only_a_kind_that_can_be_switched_off_offers_it(kind: MailKind) -> None:
    has_link = f"{SITE}/mail/stop?token=0123456789abcdef" in sample(kind, "es").text
    assert has_link is (
        kind in {MailKind.VIDEO_READY, MailKind.VIDEO_REFUSED, MailKind.SEASON_CLOSES, MailKind.RESULTS}
    )


def test_a_person_with_an_account_is_told_why_they_get_it() -> None:
    to = Recipient(UUID(int=1), "lucia@example.com", "Lucía", "es")
    said = write(MailKind.CONFIRM_EMAIL, to, {"link": "/x", "hours": 1}, site=SITE).text
    assert "porque tienes una cuenta" in said
    assert "alguien escribió" in sample(MailKind.CONFIRM_EMAIL, "es").text
