"""Pages that are opened again: the server says that nothing changed, and the browser shows its copy as before."""

import pytest
from playwright.sync_api import Browser

from support.browser import visiting
from support.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.daily
def test_a_page_that_did_not_change_keeps_its_style_and_scripts(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as visitor:
        for _ in range(2):
            for path in ("/", "/ranking"):
                visitor.go(path)
                assert visitor.page.locator(".menu").evaluate("(menu) => getComputedStyle(menu).display") != "block"
        assert visitor.complaints == []
