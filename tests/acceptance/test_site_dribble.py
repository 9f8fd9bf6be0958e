"""An account that opens many connections and sends a byte now and then does not block other clients."""

import resource
import select
import socket
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from verify.bench.raw_client import START

from support.site import Person, Site, running_alone
from support.waiting import let_time_pass
from support.wire import open_chunk, status_of

TUS = {"Tus-Resumable": "1.0.0"}
PATIENCE = 5.0  # seconds for a page, on a busy machine
TELLING = 30.0  # seconds in which connections over the account's limit are refused, while pages answer
ROUNDS = 3  # at least
MANY = 1000  # with this many at once, some exceed the account's limit on any machine
MOST_LEFT = 64  # twice the number of uploads that one account may send at once


def begin(player: Person) -> str:
    headers = TUS | {"Upload-Length": "1000000", "Upload-Metadata": "title VHJpcGxl"}
    path: str = player.client.post("/api/uploads", headers=headers).headers["location"]
    return path


def is_answered(wire: socket.socket) -> bool:
    poll = select.poll()  # `select` handles at most a thousand files
    poll.register(wire, select.POLLIN)
    return bool(poll.poll(0))


def dribble(wires: list[socket.socket], told: Counter[int], drop: bytes) -> list[socket.socket]:
    """Send a byte over each connection; return those still open, and count the answers of the others."""
    still = []
    for wire in wires:
        if is_answered(wire):
            told[status_of(wire)] += 1
            wire.close()
            continue
        wire.sendall(drop)
        still.append(wire)
    return still


def hold(site: Site, connections: int) -> None:
    """Let one account dribble over a number of connections; other clients are served, and the account is refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4 * connections, hard)), hard))
    player, told, everybody = site.player(), Counter[int](), site.client()
    path = begin(player)
    with ExitStack() as held:
        wires = [held.enter_context(open_chunk(site, player, path, 0, 1_000_000)) for _ in range(connections)]
        rounds, until = 0, time.monotonic() + TELLING
        while rounds < ROUNDS or (len(wires) > MOST_LEFT and time.monotonic() < until):
            rounds += 1
            # With 400: twelve bytes that begin no known video would get the writing request refused.
            wires = dribble(wires, told, START if rounds == 1 else b"\0")
            for place in ("/api/health/live", "/", "/api/public/rankings"):
                asked = time.monotonic()
                assert everybody.get(place).status_code == 200
                assert time.monotonic() - asked < PATIENCE, place
            let_time_pass(1, "a client that dribbles is silent between two bytes")
        assert set(told) <= {409, 423, 429}, told  # one writes; the account's other requests find the upload locked
        # Where the server starts each request slowly, earlier ones are already answered, and every request is let in.
        assert told[429] or connections < MANY, told
        assert len(wires) <= MOST_LEFT
    assert player.client.head(path, headers=TUS).status_code in {200, 423}


def test_pages_and_health_answer_while_one_account_dribbles(site: Site) -> None:
    hold(site, 120)


@pytest.mark.slow  # a site of its own: this many uploads are all that nginx admits at once
def test_pages_and_health_answer_while_one_account_dribbles_over_a_thousand_connections() -> None:
    with running_alone() as alone:
        hold(alone, 1100)
