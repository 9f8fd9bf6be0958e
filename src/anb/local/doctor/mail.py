"""Checks of mail: its sender, and the mailbox or the mail server that gets the mails."""

import os
import smtplib
from collections.abc import Iterator

import httpx2 as httpx
from pydantic import TypeAdapter

from anb.local.doctor.checkup import CheckResult, Checkup
from anb.local.doctor.engines import REST, START
from anb.local.mailbox.ports import read_ports
from anb.local.supervisor import leftovers
from anb.settings.mail import SmtpUrl, port_of

SECONDS = 5
MAIL = "Mail"
LOG = "See logs/mail.log and logs/mailbox.log"


def sender(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the sender runs, and that a server takes its mails."""
    if not checkup.running:
        yield CheckResult(MAIL, "off", REST, START)
        return
    if leftovers.find_part(checkup.folder.root, "mail") is None:
        yield CheckResult(MAIL, "fail", "the sender does not run", "`anb up` restarts it; if not, see logs/mail.log")
    elif url := checkup.environment.get("ANB_SMTP_URL") or os.environ.get("ANB_SMTP_URL"):
        yield _outside(url)
    else:
        yield _mailbox(checkup)


def _outside(url: str) -> CheckResult:
    server = TypeAdapter(SmtpUrl).validate_python(url)
    kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(server.host or "", port_of(server), timeout=SECONDS) as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException) as error:
        return CheckResult(MAIL, "warn", f"{server} does not answer ({error}); mails wait", "Check ANB_SMTP_URL")
    return CheckResult(MAIL, "ok", f"mails go to {server}")


def _mailbox(checkup: Checkup) -> CheckResult:
    caught = read_ports(checkup.folder.root)
    if caught is None:
        return CheckResult(MAIL, "fail", "the mailbox does not run", LOG)
    try:
        found = httpx.get(f"{caught.page_url}/mails.json", timeout=SECONDS).raise_for_status().json()
        with smtplib.SMTP("127.0.0.1", caught.smtp, timeout=SECONDS) as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException, httpx.HTTPError) as error:
        return CheckResult(MAIL, "fail", f"the mailbox does not answer ({error})", LOG)
    return CheckResult(MAIL, "ok", f"mails are caught at {caught.page_url} ({len(found)} there)")
