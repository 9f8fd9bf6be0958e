"""Slow and stalled senders: a silence is not a fault, and the bytes received before it are safe."""

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from uuid import uuid4

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect, Request
from verify.kit import upload_forms

from anb.resumable.domain import TakenOver, WriteLock
from anb.resumable.writing import Writing
from anb.videos.service import Submission
from anb.videos.uploads import Uploads, receive
from anb.web.pace import TooSlow
from anb.web.slots import Slots, TooManyAtOnce
from anb.web.upload_threads import UploadThreads
from support.tus import TusSender, lock_at, original
from support.waiting import let_time_pass_async
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip that comes drop by drop"
LEASE = 1.0
SILENT = "how long a client is silent is what is tested"

Line = Callable[[], AsyncIterator[bytes | None]]


@pytest.fixture
def sender(world: World) -> TusSender:
    world.change(upload_lease_seconds=LEASE)
    return TusSender(world.player())


def request_over(line: AsyncIterator[bytes | None]) -> Request:
    """Make a request whose body arrives over such a line; None is a cut."""

    async def receive() -> dict[str, object]:
        chunk = await anext(line, b"")
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}

    return Request({"type": "http", "method": "PATCH", "headers": []}, receive)


def send(world: World, lock: WriteLock, line: AsyncIterator[bytes | None]) -> Submission | int:
    """Send a body as the API does."""
    writing = Writing(UploadThreads(world.settings), world.database, world.ports, world.settings)
    written = anyio.run(writing.take, request_over(line), lock, None)
    return written.submission or written.received


async def stalling(at: int, seconds: float, body: bytes = BODY) -> AsyncIterator[bytes | None]:
    if at:
        yield body[:at]
    await let_time_pass_async(seconds, SILENT)
    yield body[at:]


async def cut(at: int, seconds: float) -> AsyncIterator[bytes | None]:
    yield BODY[:at]
    await let_time_pass_async(seconds, SILENT)
    yield None


@pytest.mark.parametrize("seconds", [0.4 * LEASE, 2 * LEASE], ids=["shorter than a lease", "longer than a lease"])
@pytest.mark.parametrize("at", [0, 20, len(BODY) - 1], ids=["start", "middle", "last byte"])
class TestStalls:
    def test_an_upload_that_nobody_else_wants_goes_on_after_any_silence(
        self, world: World, sender: TusSender, at: int, seconds: float
    ) -> None:
        lock = lock_at(world, sender, sender.begin(len(BODY)), 0)
        assert isinstance(send(world, lock, stalling(at, seconds)), Submission)
        assert original(world) == BODY

    def test_a_chunk_goes_on_too(self, world: World, sender: TusSender, at: int, seconds: float) -> None:
        path = sender.begin(len(BODY) + 1)
        assert send(world, lock_at(world, sender, path, 0), stalling(at, seconds)) == len(BODY)
        assert sender.offset(path) == len(BODY)


class TestCut:
    @pytest.mark.parametrize("seconds", [0, 0.05, 2 * LEASE])
    def test_all_that_came_before_it_is_kept(self, world: World, sender: TusSender, seconds: float) -> None:
        path = sender.begin(len(BODY))
        with pytest.raises(ClientDisconnect):
            send(world, lock_at(world, sender, path, 0), cut(20, seconds))
        assert sender.offset(path) == 20
        assert sender.send(path, 20, BODY[20:]).status_code == 204
        assert original(world) == BODY


class TestSilence:
    def test_bytes_that_do_not_fill_a_batch_are_safe_and_told_within_a_lease(
        self, world: World, sender: TusSender
    ) -> None:
        path, seen = sender.begin(len(BODY)), list[int]()

        async def line() -> AsyncIterator[bytes | None]:
            yield BODY[:20]
            await let_time_pass_async(LEASE, SILENT)
            seen.append(await anyio.to_thread.run_sync(partial(sender.offset, path)))
            yield BODY[20:]

        send(world, lock_at(world, sender, path, 0), line())
        assert seen == [20]

    def test_drops_closer_than_a_lease_keep_the_turn(self, world: World, sender: TusSender) -> None:
        world.change(upload_lease_seconds=10 * LEASE)  # a busy machine sends bytes late
        body = BODY + b"." * 5000
        path, answers = sender.begin(len(body)), list[int]()

        def try_to_write() -> None:
            answers.append(sender.send(path, 0, b"x").status_code)

        async def line() -> AsyncIterator[bytes | None]:
            yield body[:4]
            rival = threading.Thread(target=try_to_write)
            rival.start()
            place = 4
            while rival.is_alive():  # it keeps sending until the other has its answer
                yield body[place : place + 1]
                place += 1
                await let_time_pass_async(LEASE / 10, SILENT)
            yield body[place:]

        assert isinstance(send(world, lock_at(world, sender, path, 0), line()), Submission)
        assert answers in ([423], [409])
        assert original(world) == body

    def test_who_comes_back_takes_a_stalled_one_over_at_what_was_acknowledged(
        self, world: World, sender: TusSender
    ) -> None:
        path = sender.begin(len(BODY))

        async def line() -> AsyncIterator[bytes | None]:
            yield BODY[:20]
            await let_time_pass_async(2 * LEASE, SILENT)
            offset = await anyio.to_thread.run_sync(partial(sender.offset, path))
            answer = await anyio.to_thread.run_sync(partial(sender.send, path, offset, BODY[offset:]))
            assert answer.status_code == 204, answer.text
            await let_time_pass_async(2 * LEASE, SILENT)  # time in which the stalled one is answered
            yield BODY[20:]

        with pytest.raises(TakenOver):
            send(world, lock_at(world, sender, path, 0), line())
        assert original(world) == BODY


class TestFloor:
    """A client that only holds a connection is disconnected, with an answer."""

    @pytest.fixture
    def impatient(self, world: World, sender: TusSender) -> TusSender:
        world.change(upload_floor_seconds=1.0)
        return sender

    def test_what_a_dribbler_brought_stays_and_may_be_gone_on_with(self, world: World, impatient: TusSender) -> None:
        path = impatient.begin(len(BODY))

        async def line() -> AsyncIterator[bytes | None]:
            for drop in BODY[:20]:
                yield bytes([drop])
                await let_time_pass_async(0.2, SILENT)
            yield BODY[20:]

        with pytest.raises(TooSlow):
            send(world, lock_at(world, impatient, path, 0), line())
        offset = impatient.offset(path)
        assert 0 < offset < 20
        assert impatient.send(path, offset, BODY[offset:]).status_code == 204
        assert original(world) == BODY

    def test_of_a_form_nothing_is_left(self, world: World, impatient: TusSender) -> None:
        async def line() -> AsyncIterator[bytes | None]:
            yield upload_forms.opening("video_file", "a") + b"\0\0\0\x18ftypisom"
            await let_time_pass_async(30, SILENT)

        async def upload() -> None:
            request = request_over(line())
            request.scope["headers"] = [(b"content-type", upload_forms.CONTENT_TYPE.encode())]
            uploads = Uploads(UploadThreads(world.settings), world.database, world.ports, world.settings)
            async with receive(request, uploads):
                pass

        with pytest.raises(TooSlow):
            anyio.run(upload)
        assert impatient.player.world.files() == []


class TestSlots:
    def test_one_account_sends_so_many_at_once_and_others_are_not_kept_waiting(self) -> None:
        slots, mine = Slots(2), uuid4()
        with slots.take(mine), slots.take(mine):
            with pytest.raises(TooManyAtOnce), slots.take(mine):
                pass
            with slots.take(uuid4()):
                pass
        with slots.take(mine):
            pass

    @pytest.mark.parametrize("door", ["tus", "form", "page"])
    def test_at_each_door_the_next_is_429_with_retry_after(self, world: World, sender: TusSender, door: str) -> None:
        path = sender.begin(len(BODY))
        slots: Slots = world.client.app.state.upload_slots  # type: ignore[attr-defined]
        with ExitStack() as held:
            for _ in range(world.settings.uploads_at_once):
                held.enter_context(slots.take(sender.player.id))
            if door == "tus":
                answer = sender.send(path, 0, BODY)
            else:
                place, player = {"form": "/api/videos/upload", "page": "/upload"}[door], sender.player
                headers = player.headers | {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}
                answer = world.client.post(place, files={"video_file": BODY}, data={"title": "x"}, headers=headers)
        if door == "page":
            assert "al mismo tiempo" in answer.text
        else:
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-uploads-at-once")
            assert int(answer.headers["retry-after"]) > 0
        assert world.files() == []
        assert sender.send(path, 0, BODY).status_code == 204

    def test_a_network_that_an_operator_names_may_send_any_number(self, world: World, sender: TusSender) -> None:
        world.change(rate_exempt_networks="203.0.113.0/24")
        path = sender.begin(len(BODY))
        slots: Slots = world.client.app.state.upload_slots  # type: ignore[attr-defined]
        client = TestClient(world.client.app, base_url="https://testserver", client=("203.0.113.9", 40000))
        there = TusSender(replace(sender.player, world=replace(world, client=client)))
        with ExitStack() as held:
            for _ in range(world.settings.uploads_at_once):
                held.enter_context(slots.take(sender.player.id))
            assert sender.send(path, 0, BODY).status_code == 429
            assert there.send(path, 0, BODY).status_code == 204
