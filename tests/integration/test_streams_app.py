"""Live streams as their clients see them: the real application on the real database."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError

from anb.accounts import service as accounts
from anb.accounts.domain import Actor
from anb.contest import service as contest
from anb.streams import app as streams
from anb.streams.description import EndEvent, JobEvent, ListsEvent
from anb.videos import service as videos
from support.counting import seal
from support.publishing import begin, publish
from support.streaming import Clients, running, said
from support.waiting import let_time_pass_async
from support.worlds import Player, World


def run(world: World, act: Callable[[Clients], Awaitable[None]]) -> None:
    async def main() -> None:
        async with running(world) as ask, asyncio.timeout(30):
            await act(ask)

    asyncio.run(main())


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


class TestJob:
    def test_its_owner_hears_each_change_and_the_end(self, world: World, player: Player) -> None:
        upload = player.upload()

        async def act(ask: Clients) -> None:
            answer = await ask(f"/api/jobs/{upload.task_id}/events", **player.headers)
            assert answer.headers["content-type"] == "text/event-stream"
            first = await answer.body()
            assert first.startswith("retry: ")
            assert said(first)[0][1]["state"] == "queued"
            await asyncio.to_thread(begin, world, upload.task_id)
            assert said(await answer.body())[0][1]["state"] == "running"
            with world.uow() as uow:
                videos.cancel(uow, upload.task_id, Actor(player.id))
            events = said(await answer.body())
            assert [name for name, _ in events] == ["job", "end"]
            assert events[0][1]["state"] == "cancelled"

        run(world, act)

    def test_what_it_tells_is_what_the_description_says(self, world: World, player: Player) -> None:
        upload = player.upload()
        publish(world, upload)

        async def act(ask: Clients) -> None:
            job, end = said(await (await ask(f"/api/jobs/{upload.task_id}/events", **player.headers)).body())
            lists = said(await (await ask("/api/public/events")).body())[0]
            for (name, data), kind in ((job, JobEvent), (end, EndEvent), (lists, ListsEvent)):
                assert f"{name.capitalize()}Event" == kind.__name__
                assert set(kind.model_validate_json(json.dumps(data), strict=True).model_fields_set) == set(data)
                assert set(kind.model_fields) == set(data)

        run(world, act)

    def test_who_heard_the_end_is_told_not_to_come_back(self, world: World, player: Player) -> None:
        upload = player.upload()
        publish(world, upload)

        async def act(ask: Clients) -> None:
            path = f"/api/jobs/{upload.task_id}/events"
            first = await (await ask(path, **player.headers)).body()
            known = first.partition("id: ")[2].partition("\n")[0]
            assert (await ask(path, **player.headers, last_event_id=known)).status == 204

        run(world, act)

    def test_only_its_owner_and_organizers_may(self, world: World, player: Player) -> None:
        upload, other, organizer = player.upload(), world.player("Ana Otra"), world.organizer()
        cookie = {"Cookie": "__Host-anb=" + player.headers["Authorization"].split()[1]}

        async def act(ask: Clients) -> None:
            path = f"/api/jobs/{upload.task_id}/events"
            assert (await ask(path)).status == 401
            assert (await ask(path, **other.headers)).status == 403
            assert (await ask(path, **organizer.headers)).status == 200
            assert (await ask(path, **cookie)).status == 200
            assert (await ask(f"/api/jobs/{uuid4()}/events", **player.headers)).status == 404
            assert (await ask("/api/jobs/7/events", **player.headers)).status == 404
            assert (await ask(path, "HEAD", **player.headers)).headers["content-type"] == "text/event-stream"
            refused = await ask(path, "POST", **player.headers)
            assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")

        run(world, act)

    def test_a_database_that_does_not_answer_is_no_fault_of_ours(
        self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload, other = player.upload(), world.player("Ana Otra")

        def break_down(*_: object) -> None:
            raise OperationalError("select", {}, ConnectionError())

        monkeypatch.setattr(accounts, "acts_as", break_down)

        async def act(ask: Clients) -> None:
            refused = await ask(f"/api/jobs/{upload.task_id}/events", **other.headers)
            assert (refused.status, refused.headers["retry-after"]) == (503, "5")

        run(world, act)

    def test_more_than_the_most_are_told_to_ask_instead(self, world: World, player: Player) -> None:
        upload = player.upload()
        world.settings = world.settings.model_copy(update={"stream_most": 1})

        async def act(ask: Clients) -> None:
            path = f"/api/jobs/{upload.task_id}/events"
            first = await ask(path, **player.headers)
            refused = await ask(path, **player.headers)
            assert (refused.status, json.loads(await refused.body())["code"]) == (503, "too-many-streams")
            assert refused.headers["retry-after"]
            first.gone.set()  # and gives its place to the next
            async with asyncio.timeout(10):
                while (await ask(path, **player.headers)).status != 200:
                    await let_time_pass_async(0.02, "a client that was refused asks again")

        run(world, act)

    def test_a_crowd_that_looks_on_leaves_room_for_those_who_follow_an_edit(self, world: World, player: Player) -> None:
        upload = player.upload()
        world.settings = world.settings.model_copy(update={"stream_most": 5})

        async def act(ask: Clients) -> None:
            assert [(await ask("/api/public/events")).status for _ in range(5)] == [200] * 4 + [503]
            assert (await ask(f"/api/jobs/{upload.task_id}/events", **player.headers)).status == 200
            assert (await ask(f"/api/jobs/{upload.task_id}/events", **player.headers)).status == 503

        run(world, act)


class TestLists:
    def test_a_vote_makes_a_new_version(self, world: World, player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streams, "LISTS_SECONDS", 0.2)
        upload, voter = player.upload(), world.player("Vera Vota")
        publish(world, upload)

        async def act(ask: Clients) -> None:
            answer = await ask("/api/public/events")
            before = said(await answer.body())
            with world.uow() as uow:
                contest.cast_vote(uow, world.ports, Actor(voter.id), upload.video_id)
            seal(world)
            after = said(await answer.body())
            assert before[0][0] == after[0][0] == "lists"
            assert before != after

        run(world, act)


def test_balancers_are_answered(world: World) -> None:
    async def act(ask: Clients) -> None:
        assert json.loads(await (await ask("/health")).body()) == {"status": "healthy"}

    run(world, act)
