"""An issuer that others wrote (oidc-provider-mock), in a process of its own: people sign in there by its pages."""

import html
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
from fastapi.testclient import TestClient
from sqlalchemy import Table, func, select
from verify.kit.ports import free_port

from anb import bootstrap
from anb.settings.issuers import IssuerConfig
from support.waiting import until
from support.worlds import World

HERE = "https://testserver"
JOIN = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}


@dataclass
class MockIssuer:
    """A running issuer."""

    url: str

    def knows(self, subject: str, **claims: Any) -> None:
        """Give a person some claims."""
        httpx2.put(f"{self.url}/users/{subject}", json=claims).raise_for_status()

    def knows_somebody(self) -> str:
        """Make up a person whose e-mail the issuer verified; return the subject."""
        subject = uuid4().hex
        names = {"given_name": "Lucía", "family_name": "Ríos"}
        self.knows(subject, email=f"{subject}@club.example", email_verified=True, **names)
        return subject

    def approve(self, address: str, subject: str) -> str:
        """Sign a person in at the issuer; return the address to which it sends the browser."""
        answer = httpx2.post(address, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def deny(self, address: str) -> str:
        """Cancel at the issuer; return the address to which it sends the browser."""
        return httpx2.post(address, data={"action": "deny"}).headers["location"]

    def config(self, key: str = "club", name: str = "El Club", **more: Any) -> IssuerConfig:
        return IssuerConfig(key=key, name=name, issuer=self.url, client_id="anb", client_secret="any", **more)


@contextmanager
def running_mock(log: Path) -> Iterator[MockIssuer]:
    """Run the issuer until the block ends."""
    port = free_port()
    url = f"http://localhost:{port}"
    environment = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "oidc_provider_mock", "-p", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    try:
        until(lambda: _answers(url), 60, told=log.read_text)
        yield MockIssuer(url)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/.well-known/openid-configuration").status_code == 200
    except httpx2.HTTPError:
        return False


def offer(world: World, *issuers: IssuerConfig, here: str = HERE) -> None:
    """Let a world's people sign in with issuers."""
    world.change(oidc_issuers=issuers, public_url=here)
    world.client.app.state.issuers = bootstrap.build_issuers(world.settings)  # type: ignore[attr-defined]  # FastAPI's


def address_on(page: str) -> str:
    """Return the address that a page leads to at once."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    assert found, page
    address = html.unescape(found[1])
    assert f'href="{html.escape(address)}"' in page  # and for browsers that follow no refresh
    return address


def path_of(address: str) -> str:
    """Return an address on our site as a browser asks for it."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == HERE, address
    return f"{parts.path}?{parts.query}"


def leave(browser: TestClient, path: str = "/login/with/club", **form: str) -> str:
    """Press the button of an issuer; return the address at the issuer."""
    page = browser.post(path, data=form)
    assert page.status_code == 200, page.text
    return address_on(page.text)


def come_back(browser: TestClient, issuer: MockIssuer, subject: str, **form: str) -> str:
    """Sign in at the issuer; return where the site leads next."""
    answer = browser.get(path_of(issuer.approve(leave(browser, **form), subject)))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def joined(browser: TestClient, issuer: MockIssuer, subject: str) -> None:
    """Get an account by an issuer alone."""
    assert come_back(browser, issuer, subject) == "/signup/with"
    assert browser.post("/signup/with", data=JOIN).status_code == 303


def rows_in(world: World, table: Table) -> int:
    with world.uow() as uow:
        return int(uow.execute(select(func.count()).select_from(table)).scalar_one())
