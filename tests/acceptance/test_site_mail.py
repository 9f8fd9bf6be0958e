"""Mail on the running platform: posted in a transaction, sent by real SMTP, caught by the mailbox of this machine."""

import signal
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import psutil
import pytest

from anb.db.session import connect_to
from anb.local.mailbox.ports import MailboxPorts, read_ports
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient
from anb.settings import read_env_file
from support.site import NO_TLS, Site
from support.waiting import until


@pytest.fixture
def mailbox(site: Site) -> MailboxPorts:
    found = read_ports(site.folder)
    assert found is not None
    return found


def post(site: Site, address: str) -> str:
    database = connect_to(read_env_file(site.folder / "anb.env")["ANB_DATABASE_URL"])
    to = Recipient(None, address, "Lucía", "es")
    with database.transaction() as uow:
        mail_id = mail.post(uow, NewMail(MailKind.RESET_PASSWORD, to, {"link": "/account/reset?token=x", "hours": 1}))
    database.close()
    return str(mail_id)


def caught(mailbox: MailboxPorts, address: str) -> list[dict[str, Any]]:
    everything = httpx.get(f"{mailbox.page_url}/mails.json", timeout=10, verify=NO_TLS).json()
    return [one for one in everything if address in one["to"]]


def test_a_mail_arrives_with_a_link_to_this_site(site: Site, mailbox: MailboxPorts) -> None:
    address = f"{uuid4().hex}@example.com"
    mail_id = post(site, address)
    (arrived,) = until(lambda: caught(mailbox, address))
    assert arrived["subject"] == "Elige otra contraseña"
    assert arrived["headers"]["Message-ID"] == f"<{mail_id}@anb.example>"
    port = site.url.rpartition(":")[2]
    assert f"http://localhost:{port}/account/reset?token=x" in arrived["text"]
    page = httpx.get(f"{mailbox.page_url}/mails/{arrived['number']}/html", timeout=10, verify=NO_TLS)
    assert "sandbox" in page.headers["content-security-policy"]
    assert "Elegir mi contraseña" in page.text


def test_a_killed_sender_is_replaced_and_sends_what_waits(site: Site, mailbox: MailboxPorts) -> None:
    (sender,) = site.part("anb mail serve")
    psutil.Process(sender).send_signal(signal.SIGKILL)
    address = f"{uuid4().hex}@example.com"
    post(site, address)
    assert len(until(lambda: caught(mailbox, address))) == 1


def test_the_mailbox_is_only_of_this_machine(mailbox: MailboxPorts) -> None:
    listening = [each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    assert {place[0] for place in listening if place and place[1] in {mailbox.smtp, mailbox.page}} == {"127.0.0.1"}
