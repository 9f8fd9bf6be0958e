"""A parallel worker that has a browser open can still run other tests."""

import asyncio

import pytest
from playwright.sync_api import Browser


def test_a_loop_of_ones_own_runs_where_a_browser_is_open(browser: Browser) -> None:
    assert browser.is_connected()

    async def act() -> str:
        return "done"

    assert asyncio.run(act()) == "done"


@pytest.mark.browser
def test_the_browser_goes_on_afterwards(browser: Browser) -> None:
    with browser.new_page() as page:
        assert page.evaluate("1 + 1") == 2
