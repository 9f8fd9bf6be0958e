"""A mail server on a host of the internet: takes mails by SMTP with STARTTLS and a password, and keeps them as files.

A process in the network namespace of the host `mail`, with a certificate of the lab's authority.
"""

import asyncio
import json
import ssl
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from verify.lab.addresses import MAIL, MAIL_NAME, MAIL_PORT

USER, PASSWORD = "anb-lab", "balon-de-mail-7"
FOLDER = "mails"  # in the lab's folder


class CaughtInFiles:
    """Keeps every mail, for any recipient."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep a mail, and how it came."""
        tls = session.ssl["ssl_object"].version() if session.ssl else None
        peer = cast("tuple[str, int]", session.peer)[0]
        known = {"to": envelope.rcpt_tos, "peer": peer, "tls": tls, "login": session.auth_data}
        content = envelope.content or b""
        text = content if isinstance(content, str) else content.decode(errors="replace")
        whole = self._folder / f"{next(self._numbers)}.json"
        part = whole.with_suffix(".part")
        part.write_text(json.dumps({**known, "content": text}), encoding="utf-8")
        part.replace(whole)
        return "250 OK"


def authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
    """Admit a client that knows the password."""
    return AuthResult(success=given == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False, auth_data=USER)


def caught(lab: Path) -> list[dict[str, Any]]:
    """Return the mails that a lab's catcher has taken."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((lab / FOLDER).glob("*.json"))]


async def serve(lab: Path, certificate: Path, key: Path) -> None:
    """Serve until the process ends."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    folder = lab / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    server = await asyncio.get_running_loop().create_server(
        partial(protocol, CaughtInFiles(folder), tls), str(MAIL.address), MAIL_PORT
    )
    await server.serve_forever()


def protocol(handler: CaughtInFiles, tls: ssl.SSLContext) -> SMTP:
    """Return a connection, which does nothing before STARTTLS and a password."""
    return SMTP(
        handler,
        hostname=MAIL_NAME,
        tls_context=tls,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )


if __name__ == "__main__":
    asyncio.run(serve(*(Path(word) for word in sys.argv[1:])))
