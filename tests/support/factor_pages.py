"""A browser without scripts, and the second factors of its owner."""

import re

import httpx2 as httpx
from fastapi.testclient import TestClient

from support.factors import code_at
from support.worlds import Player, World

HOME = "/account/security"
PASSWORD = "balon-naranja-7"


def password(browser: TestClient, player: Player, **more: str) -> httpx.Response:
    return browser.post("/login", data={"email": player.email, "password": PASSWORD} | more)


def is_signed_in(browser: TestClient) -> bool:
    return browser.get("/me").status_code == 200


def entered(browser: TestClient, player: Player) -> TestClient:
    """Sign a browser in with a password, as a person without a second factor does."""
    assert password(browser, player).status_code == 303
    assert is_signed_in(browser)
    return browser


def enrol(world: World, browser: TestClient) -> tuple[str, list[str]]:
    """Set up an authenticator app; return its secret and the recovery codes shown."""
    assert browser.post(f"{HOME}/totp").headers["location"] == f"{HOME}/totp"
    page = browser.get(f"{HOME}/totp")
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found, page.text
    secret = found[1].replace(" ", "")
    shown = browser.post(f"{HOME}/totp/confirm", data={"code": code_at(world, secret)})
    assert shown.status_code == 200
    return secret, re.findall(r"<li><code>([a-z2-7-]+)</code></li>", shown.text)
