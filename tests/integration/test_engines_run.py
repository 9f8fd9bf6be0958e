"""The engines from wheels, as the integration tests and `anb up` start them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis
from kombu.connection import Connection
from pydantic import TypeAdapter
from pydantic.networks import PostgresDsn
from sqlalchemy import create_engine, make_url, text

from anb.engines.valkey import Valkey, client
from anb.local import sockets
from anb.local.supervisor import child
from anb.settings import RedisUrl
from support.stack import Engines, start, start_engines, wait


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("a folder with spaces")
    running = start_engines(folder)
    yield running
    running.stop()


class TestPostgres:
    def test_its_address_works_as_a_setting_in_libpq_and_in_sqlalchemy(self, engines: Engines) -> None:
        setting = str(TypeAdapter(PostgresDsn).validate_python(engines.database_url))
        with psycopg.connect(setting) as connection:
            found = connection.execute("SELECT current_user, inet_server_addr() IS NULL").fetchone()
        assert found == ("anb", True)
        engine = create_engine(make_url(setting).set(drivername="postgresql+psycopg"))
        with engine.connect() as connected:
            assert connected.execute(text("SELECT current_database()")).scalar_one() == "anb"
        engine.dispose()

    def test_a_wrong_password_is_refused(self, engines: Engines) -> None:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(engines.database_url, password="guess")

    def test_text_sorts_and_folds_alike_on_every_machine(self, engines: Engines) -> None:
        with psycopg.connect(engines.database_url) as connection:
            row = connection.execute("SELECT lower('ÁÑÜ'), show FROM current_setting('server_encoding') AS show")
            assert row.fetchone() == ("áñü", "UTF8")


class TestValkey:
    def test_its_address_works_as_a_setting_in_kombu(self, engines: Engines) -> None:
        setting = str(TypeAdapter(RedisUrl).validate_python(engines.redis_url))
        broker = Connection(setting)  # type: ignore[no-untyped-call]
        with broker as connection, connection.SimpleQueue("greetings") as queue:
            queue.put({"hello": 1})
            message = queue.get(timeout=5)
            message.ack()
        assert message.payload == {"hello": 1}


def durable(folder: Path) -> Valkey:
    """Return a durable Valkey in a folder."""
    return Valkey(folder / "valkey", sockets.folder(folder) / "valkey.sock", "secret")


@contextmanager
def serving(folder: Path) -> Iterator[redis.Redis]:
    """Run it, and kill it as a power loss does."""
    server = durable(folder)
    server.prepare()
    process = start(folder, "valkey", server.command())
    try:
        wait(server.answers, folder / "valkey.log")
        with client(server.url()) as one:
            yield one
    finally:
        child.end(process, signal.SIGKILL, patience=5)
        sockets.leave(folder)


class TestPowerLoss:
    def test_what_was_written_is_there_again(self, tmp_path: Path) -> None:
        with serving(tmp_path) as queue:
            queue.lpush("anb.jobs", "first")
        with serving(tmp_path) as queue:
            assert queue.llen("anb.jobs") == 1

    def test_a_file_that_ends_in_zeros_is_set_aside_and_the_queue_begins_empty(self, tmp_path: Path) -> None:
        with serving(tmp_path) as queue:
            queue.lpush("anb.jobs", "first", "second")
        (written,) = tmp_path.glob("valkey/appendonlydir/*.incr.aof")
        with written.open("r+b") as file:
            file.seek(-20, 2)
            file.write(bytes(20))
        aside = tmp_path / "valkey" / "appendonlydir.torn"
        told = f"A power loss damaged the queue's file: it is in {aside} now; jobs are sent again"
        assert [durable(tmp_path).prepare() for _ in range(2)] == [told, None]
        with serving(tmp_path) as queue:
            assert queue.llen("anb.jobs") == 0
            queue.lpush("anb.jobs", "again")
        assert (aside / written.name).is_file()
        with serving(tmp_path) as queue:
            assert queue.llen("anb.jobs") == 1


class TestStop:
    def test_nothing_is_left_and_the_same_folder_starts_again(self, tmp_path: Path) -> None:
        for _ in range(2):
            running = start_engines(tmp_path)
            running.stop()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(running.database_url)
