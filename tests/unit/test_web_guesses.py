"""Guesses at passwords: what counts, for whom, and which browser proves an earlier sign-in to its account."""

from http.cookies import SimpleCookie

import pytest
from fastapi import Request
from starlette.responses import Response

from anb.accounts.domain import WrongCredentials
from anb.web import guesses
from anb.web.rate_limits import Limiter, TooManyRequests
from support.limited import FakeState

EMAIL = "lucia@example.com"
MANY = "9/minute"


def site(sign_in: str = MANY, block: str = MANY, line: str = MANY) -> FakeState:
    return FakeState(sign_in=sign_in, sign_in_block=block, sign_in_line=line)


def fails() -> None:
    raise WrongCredentials


def attempt(request: Request, email: str = EMAIL) -> None:
    with pytest.raises(WrongCredentials):
        guesses.guard(Limiter(request, None), email, WrongCredentials, fails)


def succeed(request: Request, email: str = EMAIL) -> str:
    return guesses.guard(Limiter(request, None), email, WrongCredentials, lambda: "in")


def cookie_of(made: FakeState, email: str = EMAIL, scheme: str = "https") -> str:
    response = Response()
    guesses.remember(made.request(scheme=scheme), response, email)
    return response.headers["set-cookie"]


def counted(made: FakeState) -> dict[str, int]:
    """Return how often each policy has counted a request, by the policy's name."""
    found: dict[str, int] = {}
    for key, (hits, _) in made.counters.counted.items():
        name = key.partition(":")[0]
        found[name] = found.get(name, 0) + hits
    return found


class TestCounting:
    def test_who_fails_is_counted_by_account_block_and_line(self) -> None:
        made = site()
        attempt(made.request())
        assert counted(made) == {"sign-in": 1, "sign-in-block": 1, "sign-in-line": 1}

    def test_who_gets_in_is_counted_nowhere(self) -> None:
        made = site()
        assert succeed(made.request()) == "in"
        assert counted(made) == {}

    def test_a_known_browser_uses_up_nothing_of_its_neighbours(self) -> None:
        made = site()
        attempt(made.request(cookie=cookie_of(made).partition(";")[0]))
        assert counted(made) == {"sign-in": 1}

    def test_another_fault_is_no_guess(self) -> None:
        made = site()
        with pytest.raises(ZeroDivisionError):
            guesses.guard(Limiter(made.request(), None), EMAIL, WrongCredentials, lambda: 1 // 0)
        assert counted(made) == {}


class TestRefusing:
    def test_one_account_from_one_address(self) -> None:
        made = site(sign_in="1/minute")
        attempt(made.request())
        with pytest.raises(TooManyRequests):
            succeed(made.request())
        assert succeed(made.request(), "other@example.com") == "in"
        assert succeed(made.request("203.0.113.8")) == "in"

    def test_a_line_only_once_its_block_is_over_its_own_limit(self) -> None:
        made = site(block="3/minute", line="1/minute")
        attempt(made.request())
        assert succeed(made.request(), "other@example.com") == "in"
        attempt(made.request("203.0.113.8"), "third@example.com")
        attempt(made.request("203.0.113.8"), "fourth@example.com")
        with pytest.raises(TooManyRequests):
            succeed(made.request(), "other@example.com")
        assert succeed(made.request("203.0.113.9"), "other@example.com") == "in"

    def test_a_known_browser_goes_by_its_own_count(self) -> None:
        made = site(sign_in="1/minute", block="1/minute", line="1/minute")
        known = cookie_of(made).partition(";")[0]
        attempt(made.request())
        assert succeed(made.request(cookie=known)) == "in"
        attempt(made.request(cookie=known))
        with pytest.raises(TooManyRequests):
            succeed(made.request(cookie=known))

    def test_a_guess_that_uses_up_the_last_one_hears_that_it_was_wrong(self) -> None:
        made = site(sign_in="2/minute", block="1/minute", line="1/minute")
        attempt(made.request())
        attempt(made.request("203.0.113.8"))


class TestKnownBrowser:
    def test_it_is_known_by_what_it_was_given_and_for_that_account_alone(self) -> None:
        made = site()
        known = cookie_of(made).partition(";")[0]
        assert guesses.knows(made.request(cookie=known), EMAIL)
        assert not guesses.knows(made.request(cookie=known), "other@example.com")
        assert not guesses.knows(made.request(), EMAIL)
        assert not guesses.knows(made.request(cookie=known[:-1]), EMAIL)
        assert EMAIL not in known

    @pytest.mark.parametrize(("scheme", "name", "secure"), [("https", "__Host-anb", True), ("http", "anb", False)])
    def test_no_script_and_no_other_site_sees_it_for_half_a_year(self, scheme: str, name: str, secure: bool) -> None:
        ((key, morsel),) = SimpleCookie(cookie_of(site(), scheme=scheme)).items()
        assert key == f"{name}-known"
        assert (morsel["max-age"], morsel["path"]) == (str(180 * 24 * 3600), "/")
        assert (morsel["httponly"], morsel["samesite"], bool(morsel["secure"])) == (True, "lax", secure)
