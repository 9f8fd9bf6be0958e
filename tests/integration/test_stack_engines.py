"""The engines from wheels, as the integration floor and `anb up` start them."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kombu.connection import Connection
from pydantic import TypeAdapter
from pydantic.networks import PostgresDsn
from sqlalchemy import create_engine, make_url, text

from anb.settings import RedisUrl
from support.stack import Engines, start_engines


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
            psycopg.connect(engines.database_url.replace("app-secret", "guess"))

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


class TestStop:
    def test_nothing_is_left_and_the_same_folder_starts_again(self, tmp_path: Path) -> None:
        for _ in range(2):
            running = start_engines(tmp_path)
            running.stop()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(running.database_url)
