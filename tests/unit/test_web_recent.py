"""What matters most asks for a password that was given a moment ago."""

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest

from anb.ports import Ports
from anb.settings import Settings
from anb.web.recent import SignInAgain, recent_caller
from anb.web.session_check import Caller
from support.fakes import SteadyClock


def ask(authenticated_at: datetime | None) -> Caller:
    settings = cast("Settings", SimpleNamespace(reauthentication_seconds=900))
    caller = Caller(uuid4(), uuid4(), authenticated_at=authenticated_at)
    assert asyncio.run(recent_caller(caller, settings, cast("Ports", SimpleNamespace(clock=SteadyClock())))) is caller
    return caller


def test_a_password_given_a_quarter_of_an_hour_ago_still_counts() -> None:
    ask(SteadyClock().now() - timedelta(seconds=890))


@pytest.mark.parametrize("ago", [901, None])
def test_one_given_before_or_never_does_not(ago: int | None) -> None:
    with pytest.raises(SignInAgain):
        ask(None if ago is None else SteadyClock().now() - timedelta(seconds=ago))
