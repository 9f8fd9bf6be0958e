"""A mail as it is sent: headers and two bodies, the same at each attempt."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from typing import NamedTuple

from email_validator import validate_email

from anb.mail.domain import STOP, HeldMail
from anb.mail.wording import stop_address, write


class Envelope(NamedTuple):
    """What a mail server is given."""

    sender: str
    recipient: str
    content: bytes


def compose(held: HeldMail, *, sender: str, site: str) -> Envelope:
    """Write a mail. Its Message-ID and date are those of its row, so a mail that arrives twice is known as one."""
    name, address = parseaddr(sender)
    recipient = reachable(held.to.address)
    written = write(held.kind, held.to, held.facts, site=site)
    message = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = _mailbox(held.to.name, recipient)
    message["Subject"] = plain(written.subject)
    message["Date"] = held.created_at
    message["Message-ID"] = f"<{held.id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic reply is wanted
    if STOP in held.facts:  # RFC 8058: one click, no sign-in
        message["List-Unsubscribe"] = f"<{stop_address(site, str(held.facts[STOP]))}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{held.id}")
    return Envelope(address, recipient, message.as_bytes())


def reachable(address: str) -> str:
    """Return an address with its domain in ASCII, as mail servers know it. Raises EmailNotValidError."""
    parts = validate_email(address, check_deliverability=False, test_environment=True)
    return f"{parts.local_part}@{parts.ascii_domain}"


def plain(text: str) -> str:
    """Return a text as one line without control characters: a name must not begin another header."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=plain(name), username=local, domain=domain)
