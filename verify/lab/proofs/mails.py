"""Mails leave the worker for a mail server elsewhere, with TLS and a password, and their links work."""

import contextlib
import json
import re
import time
from email import message_from_string, policy
from typing import Any

from deploy.hosts.facts import PLACE
from deploy.hosts.secrets import SMTP

from verify.lab import deployment, network
from verify.lab.addresses import MAIL_NAME, MAIL_PORT
from verify.lab.mail_catcher import PASSWORD, USER, caught
from verify.lab.proof_run import ProofRun, ProofVerdict, check, wait_until

PROMISE = "mails leave the worker for a server elsewhere, with TLS and a password, and their links work"
GOAL = "held, sent, confirmed"
SITE = "https://anb.example"
SECONDS = 60
# What operate.md says to edit: the server among the settings, and that it asks for the password of a secret.
SET_A_MAIL_SERVER = f"""python3 - <<'END' && anb-host update
import json
facts = json.load(open("{PLACE}"))
facts["smtp_login"] = True
facts["settings"] |= {{
    "ANB_SMTP_URL": "smtp://{MAIL_NAME}:{MAIL_PORT}",
    "ANB_MAIL_FROM": "ANB Rising Stars <no-reply@anb.example>",
    "ANB_PUBLIC_URL": "{SITE}",
}}
json.dump(facts, open("{PLACE}", "w"))
END"""
LINK = re.compile(re.escape(SITE) + r"(/account/confirm\?token=([\w.~-]+))")


def prove(lab: ProofRun) -> ProofVerdict:
    """Sign up before a mail server is set, then set one; confirm by the link of the mail that arrives."""
    player = lab.player()
    # In a running lab, an earlier run of this proof has set the server.
    wait_until("the mail is held", lambda: _state(lab, player.email) in ("held", "sent"), SECONDS)
    with network.within("gateway"):
        secrets = deployment.client("secretsmanager")
        with contextlib.suppress(secrets.exceptions.ResourceExistsException):
            account = json.dumps({"username": USER, "password": PASSWORD})
            secrets.create_secret(Name=SMTP, SecretString=account)
    begun = time.monotonic()
    lab.site.line("worker").run(SET_A_MAIL_SERVER, 300)
    wait_until("the mail arrives", lambda: _found(lab, player.email) != [], SECONDS)
    seconds = time.monotonic() - begun
    mail = _found(lab, player.email)[0]
    worker = lab.site.machines["worker"].address
    check(mail["peer"] == worker, f"it came from {mail['peer']}, the worker is {worker}")
    check(str(mail["tls"]).startswith("TLSv1."), f"it came without TLS: {mail['tls']}")
    check(mail["login"] == USER, f"it came with the login {mail['login']}")
    link = LINK.search(_text(mail["content"]))
    check(link is not None, "the mail has no link")
    if link is not None:
        player.sure("GET", link[1])
        player.sure("POST", "/api/auth/confirm", json={"token": link[2]})
    asked = f"select email_confirmed_at is not null as yes from users where email = '{player.email}'"
    check(lab.rows(asked)[0]["yes"], "the link confirms nothing")
    return ProofVerdict(
        f"sent {seconds:.0f} s after the server was set", holds=True, notes=(_memory(lab, mail["tls"]),)
    )


def _state(lab: ProofRun, address: str) -> str:
    query = f"select mails.state from mails join users on users.id = account_id where email = '{address}'"
    found = lab.rows(query)
    return str(found[0]["state"]) if found else "none"


def _found(lab: ProofRun, address: str) -> list[dict[str, Any]]:
    return [mail for mail in caught(lab.site.folder) if address in mail["to"]]


def _text(content: str) -> str:
    part = message_from_string(content, policy=policy.default).get_body(("plain",))
    return "" if part is None else str(part.get_content())


def _memory(lab: ProofRun, tls: str) -> str:
    """Say what the process that sends took at its peak, of what it may take."""
    script = "systemctl show -P MemoryPeak anb-mail; systemctl show -P MemoryMax anb-mail"
    asked = lab.site.line("worker").run(script).split()
    peak, most = (f"{int(each) >> 20} MiB" if each.isdigit() else each for each in asked)
    return f"{tls}; anb-mail took {peak} at most, of {most}"
