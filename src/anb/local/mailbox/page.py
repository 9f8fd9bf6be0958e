"""The pages of the mailbox. A mail is others' HTML: it is shown in a frame that runs and fetches nothing."""

import json
import re
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from anb.local.mailbox.caught import CaughtMail, CaughtMails

# Names of this machine only: a page of another site whose name leads here (DNS rebinding) reads nothing.
HOSTS = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
OURS = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
# Links open outside the frame, in a page without these restrictions.
THEIRS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
HTML, JSON = "text/html; charset=utf-8", "application/json"
_LINK = re.compile(r"https?://[^\s<>\"]+")


class Shown(NamedTuple):
    """An answer."""

    status: int
    content: str
    kind: str = HTML
    policy: str = OURS


def answer(caught: CaughtMails, host: str, path: str) -> Shown:
    """Answer a GET."""
    if not HOSTS.fullmatch(host):
        return Shown(421, "Ask for localhost.")
    if path == "/":
        return Shown(200, _render("list.html.j2", mails=caught.newest_first()))
    if path == "/mails.json":
        return Shown(200, json.dumps([as_json(mail) for mail in caught.newest_first()]), JSON)
    found = re.fullmatch(r"/mails/(\d{1,9})(/html)?", path)
    mail = caught.find(int(found[1])) if found else None
    if found is None or mail is None:
        return Shown(404, "This mail is not here, or not any more.")
    if found[2]:
        return Shown(200, '<base target="_blank">' + mail.body("html"), policy=THEIRS)
    return Shown(200, _render("mail.html.j2", mail=mail, text=linked(mail.body("plain")), has_html=mail.body("html")))


def as_json(mail: CaughtMail) -> Mapping[str, object]:
    """Return a mail for programs, such as tests."""
    message = mail.message
    return {
        "number": mail.number,
        "at": mail.at.isoformat(),
        "to": mail.recipients,
        "subject": str(message["Subject"] or ""),
        "headers": {name: str(value) for name, value in message.items()},
        "text": mail.body("plain"),
        "html": mail.body("html"),
    }


def linked(text: str) -> Markup:
    """Return a text as HTML, with links."""
    shown, end = Markup(), 0
    for found in _LINK.finditer(text):
        link = escape(found[0])
        before = escape(text[end : found.start()])
        shown += before + Markup('<a href="{}" target="_blank" rel="noreferrer noopener">{}</a>').format(link, link)
        end = found.end()
    return shown + escape(text[end:])


def handler(caught: CaughtMails) -> type[BaseHTTPRequestHandler]:
    """Make the handler of requests."""

    class MailboxHandler(BaseHTTPRequestHandler):
        timeout = 10  # of a client that sends nothing

        def do_GET(self) -> None:
            shown = answer(caught, self.headers.get("Host", ""), self.path.partition("?")[0])
            content = shown.content.encode(errors="replace")
            self.send_response(shown.status)
            headers = {
                "Content-Type": shown.kind,
                "Content-Length": str(len(content)),
                "Content-Security-Policy": shown.policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cache-Control": "no-store",
            }
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing: the platform has logs of its own."""

    return MailboxHandler


def _render(template: str, **shown: object) -> str:
    return _environment().get_template(template).render(**shown)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("anb.local.mailbox"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
