"""A question to one of our processes by its socket: its answer, within the time allowed."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from anb.web import local


@pytest.fixture
def listener() -> Iterator[tuple[Path, socket.socket]]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as made:
        place = Path(folder, "s")  # short: the address of a socket holds about 100 letters
        made.bind(str(place))
        made.listen()
        made.settimeout(10)
        yield place, made


def test_it_asks_for_a_path_and_hears_the_answer(listener: tuple[Path, socket.socket]) -> None:
    place, made = listener
    heard: list[bytes] = []

    def answer() -> None:
        connection, _ = made.accept()
        with connection:
            heard.append(connection.recv(1000))
            connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\ndown\xff")

    server = threading.Thread(target=answer)
    server.start()
    assert local.get(place, "/health", 10) == (503, "down\N{REPLACEMENT CHARACTER}")  # any answer can be shown
    server.join()
    head = heard[0].decode().split("\r\n")
    assert head == ["GET /health HTTP/1.1", "Host: localhost", "Connection: close", "", ""]


def test_one_that_says_nothing_is_not_waited_for(listener: tuple[Path, socket.socket]) -> None:
    place, _ = listener
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            local.get(place, "/health", 0.01)
        except OSError as error:
            raised.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(10)
    assert [type(error) for error in raised] == [TimeoutError]


def test_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        local.get(tmp_path / "s", "/health", 1)
