"""What a player with a waiting clip is told, and how they cancel it."""

from datetime import UTC, datetime
from uuid import uuid4

from anb.jobs import service as jobs
from anb.videos import processing
from support.browser_client import browser_client
from support.publishing import begin, publish
from support.worlds import World


class TestLine:
    def test_each_is_told_its_place_and_how_long(self, world: World) -> None:
        player = world.player()
        publish(world, player.upload())
        uploads = [player.upload() for _ in range(3)]
        seen = [world.client.get(f"/api/jobs/{one.task_id}", headers=player.headers).json() for one in uploads]
        assert [job["place"] for job in seen] == [1, 2, 3]
        assert all(job["seconds_left"] is not None for job in seen)

    def test_before_the_first_is_done_nobody_can_say_how_long(self, world: World) -> None:
        player = world.player()
        seen = world.client.get(f"/api/jobs/{player.upload().task_id}", headers=player.headers).json()
        assert (seen["place"], seen["seconds_left"]) == (1, None)

    def test_one_under_way_is_told_by_its_progress(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
        assert begun is not None
        world.age(0.3)
        with world.uow() as uow:
            assert jobs.beat(uow, world.settings, begun[0], 10)
        seen = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
        assert seen["place"] is None
        assert 1 <= seen["seconds_left"] <= 60


class TestNextTry:
    def test_a_player_is_told_when_it_is_tried_again_and_that_it_was_us(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        claim = begin(world, upload.task_id)
        assert claim is not None
        with world.uow() as uow:
            processing.retry_or_discard(uow, world.settings, claim, "the disk was full")
        seen = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
        assert (seen["state"], seen["attempt"], seen["attempts_most"], seen["place"]) == ("queued", 1, 3, None)
        assert 0 < (datetime.fromisoformat(seen["next_try_at"]) - datetime.now(UTC)).total_seconds() <= 5
        with browser_client(world, player) as visitor:
            page = visitor.get(f"/videos/{upload.video_id}").text
        assert "Lo intentamos de nuevo a las" in page
        assert "(intento 2)" in page

    def test_a_dead_letter_is_a_failure_to_its_player(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        claim = begin(world, upload.task_id)
        assert claim is not None
        with world.uow() as uow:
            processing.retry_or_discard(
                uow, world.settings.model_copy(update={"job_attempts": 1}), claim, "the disk was full"
            )
        seen = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
        assert (seen["state"], seen["next_try_at"], "problema nuestro" in seen["reason"]) == ("failed", None, True)
        assert "disk" not in str(seen)


class TestCancel:
    def test_the_owner_leaves_the_line(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        path = f"/api/jobs/{upload.task_id}/cancel"
        assert world.client.post(path, headers=player.headers).json()["state"] == "cancelled"
        video = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        assert (video["status"], "Cancelaste" in video["reason"]) == ("failed", True)
        again = world.client.post(path, headers=player.headers)
        assert (again.status_code, again.json()["code"]) == (400, "job-over")

    def test_a_worker_that_has_it_publishes_nothing(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
        assert begun is not None
        world.client.post(f"/api/jobs/{upload.task_id}/cancel", headers=player.headers)
        with world.uow() as uow:
            assert not jobs.beat(uow, world.settings, begun[0], 50)
            assert not jobs.finish(uow, begun[0], {})

    def test_somebody_elses_is_403_and_an_unknown_one_404(self, world: World) -> None:
        upload, other = world.player().upload(), world.player("Ana Paz")
        assert world.client.post(f"/api/jobs/{upload.task_id}/cancel", headers=other.headers).status_code == 403
        assert world.client.post(f"/api/jobs/{uuid4()}/cancel", headers=other.headers).status_code == 404
