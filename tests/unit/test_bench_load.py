"""The load generator against a server of a few lines: it counts what was answered."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from verify.bench.load import Load, drive

BODY = b"x" * 5000


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        self.send_response(200 if self.path == "/well" else 500)
        self.send_header("Content-Length", str(len(BODY)))
        if self.server.asked % 3 == 0:  # type: ignore[attr-defined]
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as serving:
        serving.asked = 0  # type: ignore[attr-defined]
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.mark.slow  # it measures for two seconds
def test_it_counts_whole_answers_and_goes_on_where_the_server_ends_a_connection(server: ThreadingHTTPServer) -> None:
    tally = drive(Load(server.server_port, "/well", connections=4, seconds=1))
    asked: int = server.asked  # type: ignore[attr-defined]
    assert 4 < tally.answers <= asked <= tally.answers + 4
    assert len(tally.waits) == tally.answers
    assert tally.rate == tally.answers / tally.seconds


def test_an_answer_that_is_not_200_ends_it(server: ThreadingHTTPServer) -> None:
    with pytest.raises(RuntimeError, match="500"):
        drive(Load(server.server_port, "/ill", connections=2, seconds=0.3))
