"""The judge of `crowd-web`: a client not served in time, or not told when to retry, cannot pass for served."""

import asyncio
from collections import Counter

import pytest
from verify.bench.client import ask, head, post
from verify.bench.dribbles import Dribbles
from verify.bench.suites.crowd_web import CrowdRun, figures
from verify.bench.verdicts import PATIENCE, CrowdTally, RequestOutcome, wait

SERVED = frozenset({200})


def answers(*milliseconds: float, status: int = 200, has_retry_after: bool = False) -> list[RequestOutcome]:
    return [RequestOutcome(status, each / 1000, has_retry_after) for each in milliseconds]


class TestFault:
    @pytest.mark.parametrize("status", [429, 503])
    def test_a_refusal_that_says_when_to_come_back_is_none(self, status: int) -> None:
        assert RequestOutcome(status, 0.1, has_retry_after=True).fault(SERVED) is None

    @pytest.mark.parametrize("status", [429, 503])
    def test_one_that_does_not_say_it_is(self, status: int) -> None:
        assert RequestOutcome(status, 0.1).fault(SERVED) == f"{status} without Retry-After"

    @pytest.mark.parametrize("status", [400, 401, 408, 500, 502, 504])
    def test_any_other_status_is_one_whatever_it_says(self, status: int) -> None:
        assert RequestOutcome(status, 0.1, has_retry_after=True).fault(SERVED) == str(status)

    def test_a_wrong_password_may_be_refused_and_a_right_one_may_not(self) -> None:
        assert RequestOutcome(401, 0.1).fault({401}) is None
        assert RequestOutcome(200, 0.1).fault({401}) == "200"

    def test_no_answer_is_one_even_where_anything_would_do(self) -> None:
        assert RequestOutcome(0, 0.1, cause="ConnectionResetError").fault({200, 401}) == "ConnectionResetError"
        assert RequestOutcome(0, 0.1).fault(SERVED) == "no answer"


class TestWait:
    def test_it_is_the_percentile_of_those_served(self) -> None:
        assert wait(answers(*range(1, 101)), SERVED) == 0.095

    def test_a_quick_refusal_is_no_quick_page(self) -> None:
        quick = answers(*[1] * 90)
        assert wait(quick + answers(*[1] * 10, status=503, has_retry_after=True), SERVED) == PATIENCE
        assert wait(quick + answers(*[1] * 4, status=503, has_retry_after=True), SERVED) == 0.001


def judged(busy: float, *, status: int = 200, flood: CrowdTally | None = None) -> dict[str, bool | None]:
    pages = {"home": answers(busy, status=status), "vote": answers(10)}
    turn = CrowdRun({"home": answers(50), "vote": answers(10)}, pages, flood or CrowdTally())
    return {figure.name: figure.met for figure in figures("rain", [turn, turn])}


class TestFigures:
    def test_all_goals_can_be_met(self) -> None:
        assert set(judged(150).values()) == {True}

    def test_more_than_three_times_idle_is_missed(self) -> None:
        assert [name for name, met in judged(151).items() if not met] == ["p95 of home during rain"]

    def test_more_than_a_quarter_of_a_second_is_missed(self) -> None:
        assert judged(251)["p95 of the slowest page during rain"] is False

    def test_an_error_of_a_page_is_missed_however_quick(self) -> None:
        missed = [name for name, met in judged(1, status=500).items() if not met]
        assert "errors during rain" in missed
        assert "p95 of home during rain" in missed

    def test_an_error_of_the_crowd_is_missed(self) -> None:
        assert judged(50, flood=CrowdTally(faults=Counter({"ConnectionResetError": 1})))["errors during rain"] is False

    def test_errors_of_all_turns_are_added(self) -> None:
        turn = CrowdRun({"home": answers(1)}, {"home": answers(1)}, CrowdTally(faults=Counter({"500": 2})))
        errors = figures("rain", [turn, turn, turn])[-1]
        assert (errors.value, errors.samples) == (6, (2, 2, 2))
        assert "500: 2" in errors.note


async def serving(said: bytes) -> RequestOutcome:
    """Send a request to a server that answers this and disconnects."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        return await ask(server.sockets[0].getsockname()[1], head("GET", "/", {}))


class TestAsk:
    @pytest.mark.parametrize(
        "body", [b"Content-Length: 2\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"]
    )
    def test_a_whole_answer_counts(self, body: bytes) -> None:
        answer = asyncio.run(serving(b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n" + body))
        assert (answer.status, answer.has_retry_after) == (503, True)

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nContent-",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        ],
    )
    def test_one_that_is_cut_is_none(self, said: bytes) -> None:
        answer = asyncio.run(serving(said))
        assert answer.status == 0
        assert answer.fault(SERVED) == "IncompleteReadError"

    def test_a_closed_port_is_a_fault(self) -> None:
        assert asyncio.run(ask(1, post("/"))).fault(SERVED) == "ConnectionRefusedError"

    def test_the_wait_is_counted_from_when_it_was_due(self) -> None:
        assert asyncio.run(ask(1, post("/"), since=0)).seconds > 1


def test_no_account_dribbles_more_than_it_may_send_at_once() -> None:
    with pytest.raises(ValueError, match="of an account"):
        asyncio.run(Dribbles(1, ("one", "two"), 51, 1).run(list))
