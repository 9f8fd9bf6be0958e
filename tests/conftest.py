"""What the floors share: engines, worlds and one running site, each started once per run by whoever needs it first."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from support import shared
from support.site import Site, hang_up, the_site
from support.worlds import World, engines, make_world, new_database, worker_name


def pytest_configure(config: pytest.Config) -> None:
    """Keep tracebacks plain: by default each takes seconds to be drawn. Make the folder that parallel workers share."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if not hasattr(config, "workerinput"):
        shared.begin()


def pytest_collection_finish() -> None:
    """Spare what was collected from the garbage collector: a tenth of the tests' own time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the process that began the run: end what was started for all."""
    if not hasattr(config, "workerinput"):
        shared.end()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own ANB_ settings out of the tests."""
    for name in list(os.environ):
        if name.startswith("ANB_") and not name.startswith("ANB_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _clients_hang_up() -> Iterator[None]:
    """Close what a test opened to a site."""
    yield
    hang_up()


@pytest.fixture(scope="session")
def database_url() -> str:
    """A migrated database of this parallel worker's own."""
    return new_database(f"anb_{worker_name()}")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Valkey, in the numbered database of this parallel worker."""
    number = 1 + int("".join(filter(str.isdigit, worker_name())) or 0)
    return engines()[1].replace("virtual_host=0", f"virtual_host={number}")


@pytest.fixture
def world(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    """Real PostgreSQL and a real disk, fakes of what is slow, and a client of the API."""
    with make_world(tmp_path, database_url, redis_url) as made:
        yield made


@pytest.fixture(scope="session")
def site() -> Site:
    """The whole platform, running behind nginx, for clips of 2 to 6 seconds."""
    return the_site()
