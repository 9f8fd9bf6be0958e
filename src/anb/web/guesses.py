"""Limits on guessing passwords: by account, address and address block, without locking out the owner."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from fastapi import Request
from starlette.responses import Response

from anb.errors import Refusal
from anb.web.deps import cookie_name, ports_of
from anb.web.rate_limits import Limiter, Subject, TooManyRequests

T = TypeVar("T")
KEPT_SECONDS = 180 * 24 * 3600  # a season and more


def guard(counter: Limiter, email: str, failure: type[Refusal], try_it: Callable[[], T]) -> T:
    """Try to sign in, counting failures only. Raises TooManyRequests, before any work.

    - Guesses at one account are limited per address: the owner can still sign in from another one.
    - From a block with too many failures, for any accounts, only addresses with few failures of their own may try.
    - A browser in which this account was signed in before is counted apart: the owner can sign in although others at
      the same address guess, as in a school.
    """
    is_known = knows(counter.request, email)

    def who() -> Iterator[Subject]:
        return counter.browser("sign_in", email) if is_known else counter.line("sign_in", email)

    counter.check(who())
    if not is_known and counter.is_used_up(counter.block("sign_in_block")):
        counter.check(counter.line("sign_in_line"))
    try:
        return try_it()
    except failure:
        with suppress(TooManyRequests):  # checked before; concurrent guesses all get their answer
            counter.count(who())
        for subject in () if is_known else (counter.block("sign_in_block"), counter.line("sign_in_line")):
            with suppress(TooManyRequests):
                counter.count(subject)
        raise


def remember(request: Request, response: Response, email: str) -> None:
    """Let a browser prove later that this account was signed in there, by a signature that does not reveal which."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        _name(request), _proof(request, email), max_age=KEPT_SECONDS, secure=secure, httponly=True, samesite="lax"
    )


def knows(request: Request, email: str) -> bool:
    """Say whether an account was signed in before with this browser."""
    return ports_of(request).tokens.verify(_message(email), request.cookies.get(_name(request), ""))


def _name(request: Request) -> str:
    return f"{cookie_name(request)}-known"


def _proof(request: Request, email: str) -> str:
    return ports_of(request).tokens.sign(_message(email))


def _message(email: str) -> str:
    return f"known-browser:{email}"
