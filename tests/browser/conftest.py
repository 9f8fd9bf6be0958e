"""Browser tests: one Chromium per parallel worker, and one published clip to look at."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from anb.settings import MIB
from support import shared
from support.browser import PublishedClip, launched
from support.site import Person, Site
from support.uploading import padded

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make each test of this folder slow unless it is marked daily: Chromium takes most of the time of all tests."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("daily"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with launched() as running:
        yield running


@pytest.fixture(scope="session")
def published(browser: Browser, site: Site) -> PublishedClip:  # noqa: ARG001 - a machine without Chromium edits no clip
    """A published clip: one for the whole run."""

    def make(_folder: Path) -> str:
        owner = site.player("Valentina", "Pereira")
        video = owner.published(title="Asistencia sin mirar")
        return json.dumps({"email": owner.email, "password": owner.password, "video": video})

    said = json.loads(shared.once("published", make))
    return PublishedClip(site.sign_in(said["email"], said["password"]), said["video"])


@pytest.fixture
def player(site: Site) -> Person:
    """A player who has just signed up."""
    return site.player()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip of four megabytes that the rules allow."""
    return padded(tmp_path / "jugada larga.mp4", 4 * MIB)
