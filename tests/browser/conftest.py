"""The browser floor: one Chromium per parallel worker, one published clip to look at."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support import shared
from support.browser import Published, launched
from support.site import Site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def published(browser: Browser, site: Site) -> Published:  # noqa: ARG001 - a machine without Chromium edits no clip
    """A clip everybody can watch: one for the whole run."""

    def make(_folder: Path) -> str:
        owner = site.player("Valentina", "Pereira")
        video = owner.published(title="Asistencia sin mirar")
        return json.dumps({"email": owner.email, "password": owner.password, "video": video})

    said = json.loads(shared.once("published", make))
    return Published(site.sign_in(said["email"], said["password"]), said["video"])
