"""The judge of `streams`: a message counts from its change, and a cut or delayed stream is an error."""

import asyncio

import pytest
from verify.bench.listeners import Ear, ListenerTally
from verify.bench.suites.streams import StreamsRun, delays, figures
from verify.bench.verdicts import RequestOutcome


def turn(*, memory: float = 100, late: float = 0.5, page: float = 0.02, cut: int = 0) -> StreamsRun:
    heard = ListenerTally()
    heard.faults["cut"] += cut
    idle, busy = ({"home": [RequestOutcome(200, seconds)] * 20} for seconds in (0.01, page))
    return StreamsRun((memory, 50), (memory / 1000, 0.05), [late] * 100, idle, busy, heard)


def judged(ours: StreamsRun, theirs: StreamsRun) -> dict[str, bool]:
    return {figure.name: figure.met for figure in figures([ours], [theirs]) if figure.met is not None}


class TestFigures:
    def test_all_goals_can_be_met(self) -> None:
        assert set(judged(turn(), turn(memory=200)).values()) == {True}

    @pytest.mark.parametrize(
        ("ours", "missed"),
        [
            (turn(memory=201), {"memory", "processor"}),
            (turn(late=2.1), {"from"}),
            (turn(page=0.04), {"p95"}),
            (turn(cut=1), {"streams"}),
        ],
    )
    def test_each_goal_can_be_missed(self, ours: StreamsRun, missed: set[str]) -> None:
        found = {name.split()[0] for name, met in judged(ours, turn(memory=200)).items() if not met}
        assert found == missed


def test_a_message_counts_from_its_change_and_others_do_not() -> None:
    heard = ListenerTally(arrivals={0: [1.0], 1: [10.5, 11.0], 3: [40.0]})
    assert delays({1: 10.0, 2: 20.0}, heard) == [0.5, 1.0]


class RecordingTransport(asyncio.Transport):
    """A connection that records only the statements sent."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = b""
        self.is_gone = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.asked += data

    def abort(self) -> None:
        self.is_gone = True


class TestEar:
    def opened(self, status: bytes = b"200 OK") -> tuple[ListenerTally, Ear, RecordingTransport]:
        heard, line = ListenerTally(), RecordingTransport()
        ear = Ear(heard, "/api/jobs/7/events", "word")
        ear.connection_made(line)
        assert not ear.begun.is_set()
        ear.data_received(b"HTTP/1.1 " + status + b"\r\n\r\n")
        assert ear.begun.is_set()
        return heard, ear, line

    def test_it_asks_with_its_token_and_notes_what_it_hears(self) -> None:
        heard, ear, line = self.opened()
        assert line.asked.startswith(b"GET /api/jobs/7/events HTTP/1.1\r\n")
        assert b"Authorization: Bearer word\r\n" in line.asked
        ear.data_received(b'data: {"progress":7}\n\ndata: {"progress":8}\n\n')
        ear.data_received(b'data: {"progress":8}\n\n')
        assert {number: len(moments) for number, moments in heard.arrivals.items()} == {7: 1, 8: 2}
        assert (heard.outcomes, heard.faults.total()) == ({"200": 1}, 0)

    def test_a_refusal_and_a_cut_are_errors_and_leaving_is_none(self) -> None:
        refused, _, _ = self.opened(b"503 Service Unavailable")
        assert refused.faults == {"503": 1}
        cut, ear, _ = self.opened()
        ear.connection_lost(ConnectionResetError())
        assert cut.faults == {"cut: ConnectionResetError": 1}
        left, ear, line = self.opened()
        ear.leave()
        ear.connection_lost(None)
        assert line.is_gone
        assert left.faults.total() == 0
