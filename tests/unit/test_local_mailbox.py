"""The mailbox of a laptop: what it keeps, and that no mail in it can do anything."""

import json
from email.message import EmailMessage

import pytest

from anb.local.mailbox.caught import CaughtMails
from anb.local.mailbox.page import THEIRS, answer, linked

HOST = "localhost:8025"


def message(subject: str = "Hola", html: str = "", text: str = "Entra: https://anb.example/x?token=1&y=2\n") -> bytes:
    made = EmailMessage()
    made["Subject"], made["To"] = subject, "ana@example.com"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


@pytest.fixture
def caught() -> CaughtMails:
    kept = CaughtMails()
    kept.add(["ana@example.com"], message("<script>alert(1)</script>", html="<p>Hola <img src=http://x.example/></p>"))
    return kept


class TestWhatIsKept:
    def test_the_oldest_leave_when_there_are_too_many(self) -> None:
        kept = CaughtMails(most=3)
        for number in range(5):
            kept.add(["a@example.com"], message(str(number)))
        assert [mail.message["Subject"] for mail in kept.newest_first()] == ["4", "3", "2"]
        assert kept.find(1) is None
        assert kept.find(5) is not None

    def test_they_leave_too_when_they_are_too_large(self) -> None:
        kept = CaughtMails(most_bytes=2500)
        for _ in range(4):
            kept.add(["a@example.com"], b"x" * 1000)
        assert len(kept.newest_first()) == 2

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"Content-Type: text/html; charset=none\n\nx", b"a\n\n" * 9])
    def test_what_is_hardly_a_mail_is_shown_too(self, content: bytes) -> None:
        kept = CaughtMails()
        kept.add([], content)
        for path in ("/", "/mails.json", "/mails/1", "/mails/1/html"):
            assert answer(kept, HOST, path).status == 200


class TestPages:
    def test_the_list_names_each_mail_and_runs_none(self, caught: CaughtMails) -> None:
        shown = answer(caught, HOST, "/")
        assert "<script>" not in shown.content
        assert 'href="/mails/1"' in shown.content
        assert "ana@example.com" in shown.content
        assert "script-src" not in shown.policy
        assert shown.policy.startswith("default-src 'none'")

    def test_a_mail_is_shown_as_text_with_links_and_as_html_in_a_frame(self, caught: CaughtMails) -> None:
        shown = answer(caught, HOST, "/mails/1").content
        assert '<a href="https://anb.example/x?token=1&amp;y=2" target="_blank"' in shown
        assert '<iframe title="The mail as HTML" src="/mails/1/html" sandbox="allow-popups' in shown
        assert "http://x.example" not in shown

    def test_its_html_runs_no_script_fetches_nothing_and_is_of_no_origin(self, caught: CaughtMails) -> None:
        shown = answer(caught, HOST, "/mails/1/html")
        assert "<p>Hola" in shown.content
        assert shown.policy == THEIRS
        assert "allow-scripts" not in THEIRS
        assert "allow-same-origin" not in THEIRS
        assert "default-src 'none'" in THEIRS

    def test_programs_read_it_as_json(self, caught: CaughtMails) -> None:
        (mail,) = json.loads(answer(caught, HOST, "/mails.json").content)
        assert (mail["number"], mail["to"], mail["headers"]["To"]) == (1, ["ana@example.com"], "ana@example.com")
        assert "token=1" in mail["text"]

    @pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example:8025"])
    def test_a_site_whose_name_leads_here_reads_nothing(self, caught: CaughtMails, host: str) -> None:
        assert answer(caught, host, "/mails.json").status == 421

    @pytest.mark.parametrize("path", ["/mails/2", "/mails/x", "/mails/1/other", "/../etc/passwd", "/favicon.ico"])
    def test_what_is_not_here_is_not_found(self, caught: CaughtMails, path: str) -> None:
        assert answer(caught, HOST, path).status == 404

    def test_a_link_cannot_end_its_attribute(self) -> None:
        shown = str(linked("https://x.example/'onclick='alert(1)\"><b>"))
        assert "<b>" not in shown
        assert "'onclick='" not in shown
