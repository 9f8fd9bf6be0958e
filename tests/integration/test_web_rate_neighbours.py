"""A person who guesses passwords locks out neither a neighbour in the same block nor an owner in the same school."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from support.browser_client import OURS, form
from support.callers import HOME, calling, sign_in
from support.worlds import World

NEIGHBOUR, SCHOOL = "203.0.113.200", HOME
WORD = "balon-naranja-7"


@pytest.fixture(autouse=True)
def _small_block(world: World) -> None:
    world.change(rate_sign_in_block="20/10 minute;2000/day")


def flood(guesser: TestClient, guesses: int = 25) -> None:
    """Try one password for many accounts, as a script with a list does."""
    for number in range(guesses):
        sign_in(guesser, f"{number}@example.com", "123456")


def enter(browser: TestClient, email: str, password: str = WORD) -> int:
    """Sign in by the page."""
    typed = {"email": email, "password": password}
    return browser.post("/login", data=typed, headers=OURS, follow_redirects=False).status_code


def test_a_block_that_failed_too_often_lets_in_who_did_not(world: World) -> None:
    email = world.player().email
    with calling(world, SCHOOL) as guesser, calling(world, NEIGHBOUR) as neighbour:
        flood(guesser)
        assert sign_in(guesser, email).status_code == 429
        assert sign_in(neighbour, email).status_code == 200


def test_each_address_of_such_a_block_may_fail_a_few_times_more(world: World) -> None:
    with calling(world, SCHOOL) as guesser, calling(world, NEIGHBOUR) as other:
        flood(guesser)
        more = [sign_in(other, f"otra{number}@example.com", "123456") for number in range(12)]
        assert [answer.status_code for answer in more] == [401] * 10 + [429] * 2
        assert 1 <= int(more[-1].headers["retry-after"]) <= 600
        world.clock.ahead += timedelta(seconds=601)
        assert sign_in(other, "otra@example.com", "123456").status_code == 401


def test_a_browser_that_signed_in_before_gets_in_beside_a_guesser_at_its_address(world: World) -> None:
    email = world.player().email
    with calling(world, SCHOOL) as guesser, calling(world, SCHOOL) as pupil, calling(world, SCHOOL) as stranger:
        assert enter(pupil, email) == 303
        flood(guesser)
        assert enter(stranger, email) == 429
        assert enter(pupil, email) == 303
        for number in range(5):
            sign_in(guesser, email, f"guess-{number}")  # at this very account
        assert enter(pupil, email) == 303


def test_so_does_the_browser_in_which_an_account_was_made(world: World) -> None:
    with calling(world, SCHOOL) as guesser, calling(world, SCHOOL) as pupil:
        made = pupil.post("/signup", data=form(email="nueva@example.com"), headers=OURS, follow_redirects=False)
        assert made.status_code == 303
        flood(guesser)
        assert enter(pupil, "nueva@example.com") == 303


def test_what_a_browser_keeps_helps_for_that_account_alone_and_cannot_be_made(world: World) -> None:
    own, other = world.player("Ana Uno").email, world.player("Eva Dos").email
    with calling(world, SCHOOL) as guesser:
        assert enter(guesser, own) == 303
        flood(guesser)
        assert enter(guesser, other) == 429
        kept = guesser.cookies.get("__Host-anb-known") or ""
        assert enter(guesser, own) == 303
        guesser.cookies.clear()
        guesser.cookies.set("__Host-anb-known", f"{kept[:-1]}{'0' if kept[-1] != '0' else '1'}")
        assert enter(guesser, own) == 429


def test_who_has_a_known_browser_guesses_no_faster(world: World) -> None:
    email = world.player().email
    with calling(world, SCHOOL) as thief:
        assert enter(thief, email) == 303
        assert [enter(thief, email, f"guess-{number}") for number in range(7)] == [400] * 5 + [429] * 2
