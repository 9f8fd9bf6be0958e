"""The two services of mail on one machine: the sender, and the mailbox that catches what it sends."""

import os
from collections.abc import Sequence
from pathlib import Path

from anb.local.mailbox.ports import MailboxPorts, read_ports
from anb.local.supervisor.service_spec import SMTP_PASSWORD, ServiceSpec

FROM = "ANB Rising Stars <no-reply@anb.example>"


def has_mailbox() -> bool:
    """Say whether mails stay on this machine: no mail server was named from outside."""
    return not os.environ.get("ANB_SMTP_URL")


def for_pages() -> dict[str, str]:
    """Return what our pages are told of mail: with the mailbox, that mails are sent, and that no stranger is near."""
    return {"ANB_MAIL_IS_SENT": "true", "ANB_SIGN_UP_AT_ONCE": "true"} if has_mailbox() else {}


def mailbox(folder: Path, command: Sequence[str], work: Path) -> ServiceSpec:
    """Return the mailbox."""

    def forget() -> None:
        (folder / MailboxPorts.READY).unlink(missing_ok=True)

    return ServiceSpec(
        name="mailbox",
        title="Mailbox",
        command=[*command, str(folder)],
        folder=work,
        prepare=forget,
        ready=(folder / MailboxPorts.READY).exists,
        patience=0.2,
    )


def sender(folder: Path, command: Sequence[str], work: Path, site: str) -> ServiceSpec:
    """Return the sender of mails; the mailbox must be ready."""
    caught = read_ports(folder) if has_mailbox() else None
    given = {"ANB_SMTP_URL": caught.smtp_url, "ANB_MAIL_FROM": os.environ.get("ANB_MAIL_FROM", FROM)} if caught else {}
    return ServiceSpec(
        name="mail",
        title="Mail",
        command=command,
        folder=work,
        needs=frozenset({SMTP_PASSWORD}),
        # The links in mails are of this machine; web requests have the address that a phone sees.
        given={"ANB_PUBLIC_URL": site, **given},
        ready=lambda: True,
        patience=0.3,
    )
