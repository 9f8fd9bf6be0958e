"""A stranger who measures our answers does not learn which addresses have accounts.

The work is counted in test_accounts_hidden.py and test_accounts_same_work.py. Here 1,000 answers of each kind are timed
in process, where an answer takes milliseconds: what a statement more costs shows sooner than over a network.
"""

import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from anb.adapters.credentials import Argon2Passwords
from support.browser_client import browser_client, form
from support.worlds import World

pytestmark = pytest.mark.slow

TRIES = 1000
KNOWN, UNKNOWN = "lucia@example.com", "nadie@example.com"
LEAST_NOISE = 0.04  # the share by which medians of equal work differ on a machine that does other things too
NUMBERS = count()
Ask = Callable[[TestClient, str], httpx.Response]


def sign_in(client: TestClient, email: str) -> httpx.Response:
    return client.post("/api/auth/login", json={"email": email, "password": "otra-cosa-9"})


def sign_in_by_form(client: TestClient, email: str) -> httpx.Response:
    return client.post("/login", data={"email": email, "password": "otra-cosa-9"})


def forgot(client: TestClient, email: str) -> httpx.Response:
    return client.post("/api/auth/forgot", json={"email": email})


def forgot_by_form(client: TestClient, email: str) -> httpx.Response:
    return client.post("/forgot", data={"email": email})


def sign_up_by_form(client: TestClient, email: str) -> httpx.Response:
    """Ask for an account, with a name that no other account has and, instead of UNKNOWN, another new address."""
    number = next(NUMBERS)
    address = f"{number}.{email}" if email == UNKNOWN else email
    return client.post("/signup", data=form(email=address, first_name=f"Lucía {number}"))


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """The browser of a stranger whom no limit holds up; one account exists."""
    plenty = "1000000/minute"
    names = ("mail", "mail_block", "sign_in", "sign_in_line", "sign_in_block", "sign_up")
    world.change(mail_is_sent=True, **{f"rate_{name}": plenty for name in names})
    assert world.client.post("/api/auth/signup", json=form(email=KNOWN)).status_code == 201
    with browser_client(world) as visitor:
        yield visitor


def timed(client: TestClient, ask: Ask, email: str) -> float:
    began = time.perf_counter()
    assert ask(client, email).status_code in {200, 204, 400, 401}
    return time.perf_counter() - began


def taken(client: TestClient, ask: Ask) -> tuple[list[float], list[float]]:
    """Return how long answers for a known and for an unknown address take.

    The requests take turns, so that whatever else the machine does slows both down alike.
    """
    for email in (KNOWN, UNKNOWN):
        timed(client, ask, email)
    known, unknown = list[float](), list[float]()
    for _ in range(TRIES // 2):
        for email, times in ((KNOWN, known), (UNKNOWN, unknown), (UNKNOWN, unknown), (KNOWN, known)):
            times.append(timed(client, ask, email))
    return known, unknown


@pytest.mark.parametrize("ask", [sign_in, sign_in_by_form, forgot, forgot_by_form])
def test_a_thousand_answers_take_the_same_time_with_and_without_an_account(client: TestClient, ask: Ask) -> None:
    known, unknown = taken(client, ask)
    ratio = median(unknown) / median(known)
    noise = [abs(median(times[::2]) / median(times[1::2]) - 1) for times in (known, unknown)]
    assert abs(ratio - 1) <= max(LEAST_NOISE, 3 * max(noise)), f"{ratio:.3f}, noise {max(noise):.3f}"


def test_the_row_of_a_new_account_is_lost_in_the_time_of_the_hash(client: TestClient) -> None:
    """A sign-up by our page makes a row for an unknown address only, but a hash for both."""
    known, unknown = taken(client, sign_up_by_form)
    passwords, hashed = Argon2Passwords(), list[float]()
    for _ in range(50):
        began = time.perf_counter()
        passwords.hash("balon-naranja-7")
        hashed.append(time.perf_counter() - began)
    row, answer = median(unknown) - median(known), median(known) + median(hashed)
    assert abs(row) <= LEAST_NOISE * answer, f"{row * 1000:.2f} ms more in {answer * 1000:.1f} ms"
