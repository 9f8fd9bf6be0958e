"""How many uploads one account may send at the same time, and who is not counted."""

from contextlib import ExitStack
from typing import Any
from uuid import UUID

import anyio
import pytest
from fastapi import Request

from anb.web.network import is_exempt_here, network_key
from anb.web.slots import Slots, TooManyAtOnce, sending, slot
from support.limited import FakeState

SOMEBODY, OTHER = UUID(int=1), UUID(int=2)
HOME, EXEMPT = "203.0.113.7", "127.0.0.1"


def test_so_many_at_once_and_one_more_is_told_how_many() -> None:
    slots = Slots(2)
    with ExitStack() as taken:
        for _ in range(2):
            taken.enter_context(slots.take(SOMEBODY))
        with pytest.raises(TooManyAtOnce) as refused, slots.take(SOMEBODY):
            pass
        assert refused.value.fields == {"count": 2}
        with slots.take(OTHER):
            pass
    with slots.take(SOMEBODY):
        pass


def test_one_that_ended_gives_its_place_back_however_it_ended() -> None:
    slots = Slots(1)
    with slots.take(OTHER):
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), slots.take(SOMEBODY):
                raise ZeroDivisionError
        with slots.take(SOMEBODY):
            pass
        with pytest.raises(TooManyAtOnce), slots.take(OTHER):
            pass


def test_who_sends_nothing_is_forgotten() -> None:
    slots = Slots(2)
    with slots.take(SOMEBODY):
        with slots.take(SOMEBODY):
            pass
        assert slots._taken == {SOMEBODY: 1}
    assert slots._taken == {}


def request(address: str, slots: Slots) -> Request:
    made = FakeState()
    made.app.state.upload_slots = slots
    return made.request(address)


def test_an_exempt_network_needs_no_place() -> None:
    slots = Slots(0)
    with slot(request(EXEMPT, slots), SOMEBODY):
        pass
    with pytest.raises(TooManyAtOnce), slot(request(HOME, slots), SOMEBODY):
        pass


def test_an_endpoint_holds_its_place_until_it_is_through() -> None:
    slots = Slots(1)

    async def run() -> None:
        held = sending(request(HOME, slots), SOMEBODY)
        await anext(held)
        with pytest.raises(TooManyAtOnce):
            await anext(sending(request(HOME, slots), SOMEBODY))
        with pytest.raises(StopAsyncIteration):
            await anext(held)
        await anext(sending(request(HOME, slots), SOMEBODY))

    anyio.run(run)


class TestNetwork:
    def key(self, address: str | None, **settings: Any) -> str | None:
        made = FakeState()
        made.app.state.settings = made.app.state.settings.model_copy(update=settings)
        return network_key(made.request(address))

    def test_a_block_has_a_key_that_tells_nobody_which(self) -> None:
        key = self.key("203.0.113.7")
        assert key == self.key("203.0.113.200") != self.key("203.0.112.7")
        assert key is not None
        assert (len(key), "203" in key) == (32, False)

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", None, "no address"])
    def test_this_machine_and_who_has_no_address_have_none(self, address: str | None) -> None:
        assert self.key(address) is None
        assert self.key(address, rate_exempt_networks="") is None

    def test_what_an_operator_exempts_has_none(self) -> None:
        assert self.key("203.0.113.7", rate_exempt_networks="203.0.113.0/24") is None
        assert self.key("203.0.112.7", rate_exempt_networks="203.0.113.0/24") is not None

    def test_the_machine_itself_is_exempt(self) -> None:
        assert is_exempt_here(FakeState().request(EXEMPT))
        assert not is_exempt_here(FakeState().request(HOME))
