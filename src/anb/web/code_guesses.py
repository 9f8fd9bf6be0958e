"""Limits on guessing second-factor codes, after a right password, without locking out the owner."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TypeVar

from anb.errors import Refusal
from anb.web.guesses import knows
from anb.web.rate_limits import Limiter, Subject, TooManyRequests

T = TypeVar("T")


def guard_code(counter: Limiter, email: str, failure: type[Refusal], try_it: Callable[[], T], *, guessable: bool) -> T:
    """Try a code, counting failures only. Raises TooManyRequests, before any work.

    Six digits are few: an attacker who knows the password and has many addresses would find them. So an account has a
    limit over all addresses together too. In browsers where the account signed in before, only their own failures
    count, so the owner still signs in. A recovery code is not `guessable`, and a passkey is not limited here at all.
    """
    is_known = knows(counter.request, email)

    def who() -> Iterator[Subject]:
        if is_known:
            return counter.browser("code", email)
        everywhere = counter.browser("code_account", email) if guessable else iter(())
        return chain(counter.line("code", email), everywhere)

    counter.check(who())
    try:
        return try_it()
    except failure:
        with suppress(TooManyRequests):  # checked before; concurrent guesses all get their answer
            counter.count(who())
        raise
