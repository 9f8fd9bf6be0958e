"""The browser floor: one Chromium per parallel worker, one published clip to look at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from support.browser import Published, launched
from support.site import Site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def published(browser: Browser, site: Site) -> Published:  # noqa: ARG001 - a machine without Chromium edits no clip
    """A clip everybody can watch."""
    owner = site.player("Valentina", "Pereira")
    return Published(owner, owner.published(title="Asistencia sin mirar"))
