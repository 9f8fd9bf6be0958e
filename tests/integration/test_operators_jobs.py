"""What organizers and operators see of jobs and do to them: by the API, and by `anb jobs`."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from uuid import uuid4

import pytest

from anb.db.session import UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Claim, JobNotFound, JobNotRetriable, JobOver
from anb.videos import processing
from support.commands import Anb, anb_on
from support.publishing import begin, publish
from support.worlds import AcceptedClip, Player, World


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload()


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    """Run a command of `anb jobs` on the world's database."""
    for run in anb_on(world, monkeypatch):
        yield partial(run, "jobs")


def die(world: World, upload: AcceptedClip) -> None:
    """Use up a job's attempts by platform failures."""
    most = world.settings.model_copy(update={"job_attempts": 1})
    claim = begin(world, upload.task_id, "host:7")
    assert claim
    with world.uow() as uow:
        processing.retry_or_discard(uow, most, claim, "FFmpeg ended with 1: no space left")


def happened(world: World, organizer: Player, upload: AcceptedClip) -> list[tuple[str, int]]:
    shown = world.client.get(f"/api/admin/jobs/{upload.task_id}", headers=organizer.headers).json()
    return [(event["what"], event["attempt"]) for event in shown["events"]]


class TestGuard:
    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "jobs"), ("GET", "jobs/{id}"), ("POST", "jobs/{id}/retry"), ("POST", "jobs/{id}/cancel"),
         ("GET", "line"), ("GET", "backlog"), ("PUT", "drain"), ("DELETE", "drain")],
    )  # fmt: skip
    def test_players_and_strangers_may_do_none_of_it(
        self, world: World, upload: AcceptedClip, method: str, path: str
    ) -> None:
        address = f"/api/admin/{path.format(id=upload.task_id)}"
        assert world.client.request(method, address).status_code == 401
        refused = world.client.request(method, address, headers=world.player("Ana Paz").headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "organizers-only")
        assert world.client.request(method, address, headers=world.organizer().headers).is_success == (
            not path.endswith("retry")
        )


class TestList:
    def test_pages_of_one_state_newest_first(self, world: World) -> None:
        player, organizer = world.player(), world.organizer()
        uploads = [player.upload() for _ in range(5)]
        die(world, uploads[0])
        answer = world.client.get("/api/admin/jobs?state=queued&limit=3", headers=organizer.headers)
        assert [job["id"] for job in answer.json()] == [str(one.task_id) for one in uploads[:1:-1]]
        assert answer.headers["x-total-count"] == "4"
        onward = world.client.get(answer.links["next"]["url"], headers=organizer.headers).json()
        assert [job["id"] for job in onward] == [str(uploads[1].task_id)]
        (dead,) = world.client.get("/api/admin/jobs?state=dead", headers=organizer.headers).json()
        assert (dead["failure"], dead["worker"], dead["faults"]) == ("FFmpeg ended with 1: no space left", "host:7", 1)

    def test_a_state_that_is_none_is_refused(self, world: World) -> None:
        answer = world.client.get("/api/admin/jobs?state=lost", headers=world.organizer().headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-field")


class TestTimeline:
    def test_an_ordinary_life(self, world: World, upload: AcceptedClip) -> None:
        publish(world, upload)
        assert happened(world, world.organizer(), upload) == [("queued", 0), ("begun", 1), ("done", 1)]

    def test_each_move_is_told_with_who_and_why(self, world: World, upload: AcceptedClip) -> None:
        moves: list[Callable[[UnitOfWork, Claim], object]] = [
            lambda uow, claim: processing.hand_over(uow, world.ports, claim),
            lambda uow, claim: processing.retry_or_discard(uow, world.settings, claim, "the disk was full"),
        ]
        for move in moves:
            claim = begin(world, upload.task_id)
            assert claim
            with world.uow() as uow:
                move(uow, claim)
        organizer = world.organizer()
        world.client.post(f"/api/admin/jobs/{upload.task_id}/cancel", headers=organizer.headers)
        shown = world.client.get(f"/api/admin/jobs/{upload.task_id}", headers=organizer.headers).json()["events"]
        assert [event["what"] for event in shown] == [
            "queued", "begun", "handed over", "begun", "retried", "cancelled",
        ]  # fmt: skip
        assert (shown[4]["detail"], shown[5]["who"]) == ("the disk was full", "olga.organiza")

    def test_a_lost_lease_names_the_worker(self, world: World, upload: AcceptedClip) -> None:
        begin(world, upload.task_id, "host:7")
        world.age(world.settings.lease_seconds + 0.1)
        processing.reconcile(world.database, world.ports, world.settings)
        shown = world.client.get(f"/api/admin/jobs/{upload.task_id}", headers=world.organizer().headers).json()
        assert (shown["deaths"], shown["events"][-1]["what"]) == (1, "lost")
        assert "host:7" in shown["events"][-1]["detail"]


class TestSameFile:
    def test_a_job_tells_which_video_its_file_was_before(self, world: World, anb: Anb) -> None:
        player, organizer, body = world.player(), world.organizer(), b"\0\0\0\x18ftypisom twice"
        first, again = player.upload(body=body), player.upload(body=body)
        other = world.player("Ana Paz").upload(body=body)  # another player's upload does not count as an earlier one

        def told(upload: AcceptedClip) -> str | None:
            address = f"/api/admin/jobs/{upload.task_id}"
            shown: str | None = world.client.get(address, headers=organizer.headers).json()["same_as"]
            assert json.loads(anb("show", upload.task_id, "--json").output)["same_as"] == shown
            return shown

        assert [told(one) for one in (first, again, other)] == [None, str(first.video_id), None]
        assert str(first.video_id) in anb("show", again.task_id).output
        cancelled = world.client.post(f"/api/admin/jobs/{again.task_id}/cancel", headers=organizer.headers)
        assert cancelled.json()["same_as"] == str(first.video_id)
        for gone in (first, again):
            world.client.delete(f"/api/videos/{gone.video_id}", headers=player.headers)
            assert told(again) is None


class TestRetry:
    def test_a_dead_letter_is_tried_again_with_all_its_tries(self, world: World, upload: AcceptedClip) -> None:
        die(world, upload)
        organizer = world.organizer()
        world.queue.sent.clear()
        shown = world.client.post(f"/api/admin/jobs/{upload.task_id}/retry", headers=organizer.headers).json()
        assert (shown["state"], shown["faults"], shown["round"], shown["attempt"]) == ("queued", 0, 2, 1)
        assert world.queue.sent == [upload.task_id]
        assert publish(world, upload)

    @pytest.mark.parametrize("state", ["queued", "running", "done", "cancelled"])
    def test_only_what_failed_or_died_is(self, world: World, upload: AcceptedClip, state: str) -> None:
        organizer = world.organizer()
        if state == "running":
            begin(world, upload.task_id)
        if state == "done":
            publish(world, upload)
        if state == "cancelled":
            world.client.post(f"/api/admin/jobs/{upload.task_id}/cancel", headers=organizer.headers)
        refused = world.client.post(f"/api/admin/jobs/{upload.task_id}/retry", headers=organizer.headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "job-not-retriable")
        assert state in refused.json()["detail"]

    @pytest.mark.parametrize("act", ["retry", "cancel"])
    def test_an_unknown_job_is_not_there(self, world: World, act: str) -> None:
        answer = world.client.post(f"/api/admin/jobs/{uuid4()}/{act}", headers=world.organizer().headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "job-not-found")


class TestDrain:
    def test_workers_take_no_new_job_and_what_is_under_way_ends(self, world: World) -> None:
        player, organizer = world.player(), world.organizer()
        first, second = player.upload(), player.upload()
        claim = begin(world, first.task_id)
        assert claim
        drained = world.client.put("/api/admin/drain", headers=organizer.headers).json()
        assert drained["who"] == "olga.organiza"
        assert begin(world, second.task_id) is None
        with world.uow() as uow:
            assert jobs.finish(uow, claim, {})
        assert world.client.get("/api/admin/line", headers=organizer.headers).json()["drained"]
        again = world.client.put("/api/admin/drain", headers=organizer.headers).json()
        assert again == drained
        assert world.client.delete("/api/admin/drain", headers=organizer.headers).json()["since"] is None
        assert begin(world, second.task_id) is not None

    def test_a_drained_line_is_not_sent_again(self, world: World, upload: AcceptedClip) -> None:
        organizer = world.organizer()
        world.client.put("/api/admin/drain", headers=organizer.headers)
        world.queue.sent.clear()
        world.age(world.settings.resend_seconds + 0.1)
        processing.reconcile(world.database, world.ports, world.settings)
        assert world.queue.sent == []
        world.client.delete("/api/admin/drain", headers=organizer.headers)
        processing.reconcile(world.database, world.ports, world.settings)
        assert world.queue.sent == [upload.task_id]


class TestCommands:
    def test_list_and_dead(self, world: World, upload: AcceptedClip, anb: Anb) -> None:
        die(world, upload)
        waiting = world.player("Ana Paz").upload()
        said = anb("list").output
        assert str(waiting.task_id) in said
        assert "2 of 2. Due 1, running 0, held 0, dead 1." in said
        assert str(waiting.task_id) not in anb("dead").output
        (dead,) = json.loads(anb("dead", "--json").output)
        assert (dead["id"], dead["state"]) == (str(upload.task_id), "dead")

    def test_show_retry_and_cancel_tell_the_timeline(self, world: World, upload: AcceptedClip, anb: Anb) -> None:
        die(world, upload)
        said = anb("show", upload.task_id).output
        assert "no space left" in said
        assert "host:7" in said
        retried = anb("retry", upload.task_id, "--json")
        assert "operators.job.retried" in retried.stderr
        events = json.loads(retried.stdout)["events"]
        assert events[-1]["what"] == "reopened"
        assert "@" in events[-1]["who"]
        assert "cancelled" in anb("cancel", upload.task_id).output

    def test_what_is_refused_says_why(self, upload: AcceptedClip, anb: Anb) -> None:
        assert isinstance(anb("show", uuid4()).exception, JobNotFound)
        assert isinstance(anb("retry", upload.task_id).exception, JobNotRetriable)
        anb("cancel", upload.task_id)
        assert isinstance(anb("cancel", upload.task_id).exception, JobOver)

    def test_drain_and_off(self, world: World, upload: AcceptedClip, anb: Anb) -> None:
        assert "workers take no new job, 0 under way" in anb("drain").output
        assert begin(world, upload.task_id) is None
        assert "drained" in anb("list").output
        off = anb("drain", "--off")
        assert (off.stdout, "operators.drain.ended" in off.stderr) == ("Workers take jobs.\n", True)
        assert json.loads(anb("drain", "--off", "--json").stdout) == {"since": None, "who": None}
