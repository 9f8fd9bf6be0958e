"""The verifier against a site: it downloads the log over HTTP, and compares the published ranking with its leaves."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from anb.votelog import verifier
from support.published_log import PLAYERS, PublishedLog, season

Row = dict[str, Any]
RANKING: list[Row] = [
    {"position": 1, "player_id": str(PLAYERS[1]), "votes": 150, "jury_votes": 0, "city": "Pasto", "username": "b"},
    {"position": 2, "player_id": str(PLAYERS[2]), "votes": 143, "jury_votes": 6, "city": "Bogotá", "username": "c"},
]


class RankedSite:
    """A site with a log and a ranking, in pages of one row; it is busy when it is first asked for something."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.rows = [dict(row) for row in RANKING]
        self.asked: list[str] = []

    def answer(self, target: str) -> tuple[int, bytes, str]:
        self.asked.append(target)
        parts = urlsplit(target)
        if self.asked.count(target) == 1:
            return 503, b"", ""
        if parts.path == "/api/public/rankings":
            return self._page(parse_qs(parts.query))
        body = self.files.get(parts.path.removeprefix("/api/public/log/2026/"))
        return (404, b"", "") if body is None else (200, body, "")

    def _page(self, query: dict[str, list[str]]) -> tuple[int, bytes, str]:
        (city,), (cursor,) = query.get("city", [""]), query.get("cursor", ["0"])
        assert query["season"] == ["2026"]
        rows, place = [row for row in self.rows if not city or verifier.fold(row["city"]) == city], int(cursor)
        numbered = [row | {"position": number} if city else row for number, row in enumerate(rows, 1)]
        onward = f"/api/public/rankings?season=2026&city={city}&cursor={place + 1}".replace("&city=&", "&")
        link = f'<{onward}>; rel="next"' if place + 1 < len(rows) else ""
        return 200, json.dumps(numbered[place : place + 1]).encode(), link


@pytest.fixture
def ranked(monkeypatch: pytest.MonkeyPatch) -> RankedSite:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    return RankedSite(PublishedLog.of(season(), kept=[300]).files())


@pytest.fixture
def address(ranked: RankedSite) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body, link = ranked.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/public/log/2026"
        server.shutdown()


@pytest.fixture
def run(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[int, str]]:
    def verify() -> tuple[int, str]:
        code = verifier.main(["--log", address, "--folder", str(tmp_path / "kept")])
        written = capsys.readouterr()
        return code, written.out + written.err

    return verify


Run = Callable[[], tuple[int, str]]


class TestRanking:
    def test_what_the_leaves_add_up_to_is_right(self, run: Run, ranked: RankedSite) -> None:
        code, said = run()
        assert code == 0, said
        assert "The published ranking of 2 players, of the country and of each city, is what the log says." in said
        assert {parse_qs(urlsplit(one).query)["city"][0] for one in ranked.asked if "city=" in one} == {
            "bogota", "pasto",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("place", "name", "value"),
        [(0, "votes", 151), (1, "jury_votes", 7), (1, "city", "Cali"), (0, "player_id", "x"), (1, "position", 3)],
        ids=["votes", "jury", "city", "player", "position"],
    )  # fmt: skip
    def test_a_changed_row_is_found(self, run: Run, ranked: RankedSite, place: int, name: str, value: object) -> None:
        ranked.rows[place][name] = value
        code, said = run()
        assert code == 1
        assert f"DIFFERS: place {place + 1} of the ranking of the country: {name} is {value!r}, and by the log " in said

    def test_a_missing_row_is_found(self, run: Run, ranked: RankedSite) -> None:
        ranked.rows.pop()
        assert run() == (1, "DIFFERS: the ranking of the country ends after place 1, and the log has 2 players.\n")

    def test_an_invented_row_is_found(self, run: Run, ranked: RankedSite) -> None:
        ranked.rows.append({"position": 3, "city": "Cali"})
        assert run() == (1, "DIFFERS: the ranking of the country has a place 3, and the log 2 players.\n")

    def test_while_votes_come_in_a_difference_may_be_that_of_time(self, run: Run, ranked: RankedSite) -> None:
        ranked.files = PublishedLog.of(season()[:600]).files()
        answer = ranked.answer

        def grow(target: str) -> tuple[int, bytes, str]:
            found = answer(target)
            if target.endswith("/checkpoint") and found[0] == 200:
                count = sum(one.endswith("/checkpoint") for one in ranked.asked)
                ranked.files |= PublishedLog.of(season()[: 600 + count]).files()
            return found

        ranked.answer = grow  # type: ignore[method-assign]
        code, said = run()
        assert (code, "votes come in faster than the ranking can be read" in said) == (2, True)

    def test_a_file_that_is_missing_is_no_verdict(self, run: Run, ranked: RankedSite) -> None:
        del ranked.files["tile/entries/001"]
        code, said = run()
        assert (code, "tile/entries/001 cannot be read: 404" in said) == (2, True)
