"""Fixtures of all tests: engines, worlds and one running site, each started once per run when first used."""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from support import shared
from support.mock_issuer import MockIssuer, running_mock
from support.parts import chosen_file
from support.site import Site, hang_up, the_site
from support.worlds import World, engines, make_world, new_database, worker_name

# Timing decides no test: a busy machine draws values slowly.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Keep tracebacks plain: the default ones take seconds to draw. Make the folder that parallel workers share."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    if not shared.begun():
        shared.begin()
        config.add_cleanup(shared.end)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow tests whose file is of another part than CI's; the corpus has parts of its own."""

    def left_out(item: pytest.Item) -> bool:
        path = item.path.relative_to(config.rootpath).as_posix()
        slow = item.get_closest_marker("slow") and "test_corpus" not in path
        return bool(slow) and not chosen_file("SLOW_PART", path)

    others = [item for item in items if left_out(item)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if not left_out(item)]


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection, which took a tenth of the tests' own time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove a developer's own ANB_ settings."""
    for name in list(os.environ):
        if name.startswith("ANB_") and not name.startswith("ANB_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _clients_hang_up() -> Iterator[None]:
    """Close the clients that a test opened to a site."""
    yield
    hang_up()


@pytest.fixture(autouse=True)
def _no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let tests run event loops of their own: Playwright's loop stays running once a browser was started."""
    if request.node.get_closest_marker("browser"):
        yield
        return
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def database_url() -> str:
    """A migrated database of this parallel worker's own."""
    name = f"anb_{worker_name()}"
    return shared.once(name, lambda _: new_database(name))


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Valkey, in the numbered database of this parallel worker."""
    number = 1 + int("".join(filter(str.isdigit, worker_name())) or 0)
    return engines()[1].replace("virtual_host=0", f"virtual_host={number}")


@pytest.fixture
def world(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    """Real PostgreSQL and a real disk, fakes of slow parts, and a client of the API."""
    with make_world(tmp_path, database_url, redis_url) as made:
        yield made


@pytest.fixture(scope="session")
def site() -> Site:
    """The whole platform, running behind nginx, for clips of 2 to 6 seconds."""
    return the_site()


@pytest.fixture(scope="session")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockIssuer]:
    """An issuer of OpenID Connect that others wrote."""
    with running_mock(tmp_path_factory.mktemp("issuer") / "log") as running:
        yield running
