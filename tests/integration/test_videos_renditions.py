"""A video's renditions: who may fetch which, what a new edit changes and when, and what happens to old files."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts.domain import Actor
from anb.contest import service as contest
from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE, Rendition
from anb.videos import processing
from anb.videos import service as videos
from anb.videos.domain import OUR_FAULT
from support.publishing import keep, publish
from support.worlds import AcceptedClip, Player, World

ADDED = {"light_url": "light", "poster_url": "poster", "thumbnails_url": "thumbnails"}
TYPES = {"processed": "video/mp4", "light": "video/mp4", "poster": "image/jpeg", "sprite": "image/jpeg"}
TYPES |= {"thumbnails": "text/vtt", "poster-640-jpeg": "image/jpeg"}
TYPES |= {f"poster-{width}": "image/avif" for width in (320, 640, 960)}

SILENT = "update jobs set lease_expires_at = now() - interval '1 hour' where state = 'running'"


def path(upload: AcceptedClip, rendition: str) -> str:
    return f"/api/videos/{upload.video_id}/{rendition}"


def jobs_of(world: World, upload: AcceptedClip) -> list[UUID]:
    """The jobs of a video that have not ended, in the order in which they were added."""
    live = text("select id from jobs where video_id = :video and state in ('queued', 'running') order by id")
    with world.uow() as uow:
        return list(uow.execute(live, {"video": upload.video_id}).scalars())


def reedit(world: World, older_than: int | None = None, every: float = 0) -> int:
    with world.uow() as uow:
        return videos.reedit(uow, world.ports, older_than=older_than, every=every)


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload("¡Triple!")


class TestFetching:
    @pytest.mark.parametrize("rendition", MADE)
    def test_what_is_published_is_everybodys(self, world: World, upload: AcceptedClip, rendition: Rendition) -> None:
        assert world.client.get(path(upload, rendition)).status_code == 404
        publish(world, upload)
        answer = world.client.get(path(upload, rendition))
        assert answer.status_code == 200
        assert answer.headers["x-accel-redirect"].startswith("/_media/edits/")
        assert answer.headers["content-type"] == TYPES[rendition]
        assert answer.headers["x-file-cache-control"] == "public, max-age=300"
        assert world.client.head(path(upload, rendition)).status_code == 200

    def test_files_are_named_by_what_they_are(self, world: World, upload: AcceptedClip) -> None:
        publish(world, upload)
        named = [world.client.get(path(upload, name)).headers["content-disposition"] for name in MADE]
        assert [name.rpartition(".")[2] for name in named] == [
            *["mp4", "mp4", "jpg", "jpg", "vtt", "avif", "avif", "avif", "jpg"]
        ]

    @pytest.mark.parametrize("rendition", MADE)
    def test_what_waits_for_the_organizer_is_its_owners(self, world: World, rendition: Rendition) -> None:
        world.season(moderated=True)
        player, other = world.player(), world.player("Ana Paz")
        upload = player.upload()
        publish(world, upload)
        statuses = [
            world.client.get(path(upload, rendition), headers=headers).status_code
            for headers in ({}, other.headers, player.headers, world.organizer().headers)
        ]
        assert statuses == [403, 403, 200, 200]

    def test_nothing_else_has_an_address(self, world: World, upload: AcceptedClip) -> None:
        publish(world, upload)
        assert world.client.get(path(upload, "looks")).status_code == 404


class TestAddresses:
    def test_detail_and_list_say_where_each_is(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        detail = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        (listed,) = world.client.get("/api/public/videos").json()
        for shown in (detail, listed):
            assert {name: shown[name] for name in ADDED} == {
                name: f"https://testserver/api/videos/{upload.video_id}/{rendition}"
                for name, rendition in ADDED.items()
            }

    def test_what_is_not_there_is_null(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        seen = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        assert all(seen[name] is None for name in ADDED)
        publish(world, upload, [Rendition.PROCESSED], recipe=1)
        (listed,) = world.client.get("/api/public/videos").json()
        assert all(listed[name] is None for name in ADDED)
        assert listed["duration_seconds"] == 22

    def test_before_they_are_public_addresses_are_signed(self, world: World) -> None:
        world.season(moderated=True)
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        seen = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        for name in ADDED:
            assert world.client.get(seen[name]).status_code == 200
        assert world.client.get(seen["light_url"].replace("/light?", "/poster?")).status_code == 403
        world.clock.ahead = timedelta(hours=2)
        assert world.client.get(seen["poster_url"]).status_code == 403


class TestReedit:
    def test_the_old_edit_stays_public_until_the_new_one_takes_its_place(
        self, world: World, upload: AcceptedClip
    ) -> None:
        old = publish(world, upload, [Rendition.PROCESSED], recipe=1)
        (before,) = world.client.get("/api/public/videos").json()
        assert reedit(world) == 1
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
        assert world.client.get("/api/public/videos").json() == [before]
        assert world.client.get(path(upload, "processed")).headers["x-accel-redirect"] == f"/_media/{old}"

        kept = [keep(world, rendition, RECIPE_VERSION) for rendition in MADE]
        with world.uow() as uow:
            assert contest.publish(uow, world.ports, begun[0], kept, {})
            assert old in world.files()  # a client that reads before the commit still finds it
        (after,) = world.client.get("/api/public/videos").json()
        assert after["poster_url"]
        assert after["published_at"] == before["published_at"]
        original = next(name for name in world.files() if name.startswith("originals/"))
        assert world.files() == sorted([original, *(one.stored.key for one in kept)])

    @pytest.mark.parametrize("how", ["fails", "dies", "dies again and again", "is cancelled", "is handed over"])
    def test_one_that_comes_to_nothing_changes_nothing(self, world: World, how: str) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        reedit(world)
        (job,) = jobs_of(world, upload)
        before = world.client.get("/api/public/videos").json()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            if how == "fails":
                processing.fail(uow, begun[0], OUR_FAULT, "detail")
            if how == "is handed over":
                processing.hand_over(uow, world.ports, begun[0])
            if how == "is cancelled":
                videos.cancel(uow, job, Actor(player.id))
            if how.startswith("dies"):
                uow.execute(text(SILENT))
        deaths = 1 if how.endswith("again") else 3
        processing.reconcile(world.database, world.ports, world.settings.model_copy(update={"job_deaths": deaths}))
        assert world.client.get("/api/public/videos").json() == before
        seen = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        assert (seen["status"], seen["reason"]) == ("processed", None)

    def test_only_older_recipes_and_no_video_that_is_at_work(self, world: World) -> None:
        player = world.player()
        old, new, waiting = player.upload(), player.upload(), player.upload()
        publish(world, old, [Rendition.PROCESSED], recipe=1)
        publish(world, new)
        assert reedit(world, older_than=RECIPE_VERSION) == 1
        assert len(jobs_of(world, old)) == 1
        assert jobs_of(world, new) == []
        assert jobs_of(world, waiting) == [waiting.task_id]
        assert reedit(world, older_than=RECIPE_VERSION) == 0  # it is already queued
        assert reedit(world) == 1  # the new one
        assert len(jobs_of(world, new)) == 1

    def test_one_at_a_time_is_due_so_that_players_need_not_wait(self, world: World) -> None:
        player = world.player()
        uploads = [player.upload() for _ in range(3)]
        for upload in uploads:
            publish(world, upload)
        world.queue.sent.clear()
        assert reedit(world, every=60) == 3
        assert world.queue.sent == jobs_of(world, uploads[0])
        newcomer = player.upload()
        seen = world.client.get(f"/api/jobs/{newcomer.task_id}", headers=player.headers).json()
        assert seen["place"] == 2  # behind the first of them only
        with world.uow() as uow:
            begun = [processing.begin(uow, world.settings, "test") for _ in range(3)]
        assert [one and one[0].job_id for one in begun] == [*jobs_of(world, uploads[0]), newcomer.task_id, None]

    def test_a_moderated_video_does_not_become_public_by_it(self, world: World) -> None:
        world.season(moderated=True)
        upload = world.player().upload()
        publish(world, upload)
        world.season(moderated=False)
        reedit(world)
        publish(world, upload, job=jobs_of(world, upload)[0])
        assert world.client.get("/api/public/videos").json() == []


class TestFencing:
    def test_a_worker_that_lost_its_claim_changes_nothing(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            videos.cancel(uow, upload.task_id, Actor(player.id))
        before = self.seen(world, player, upload)
        kept = [keep(world, rendition, RECIPE_VERSION) for rendition in MADE]
        with world.uow() as uow:
            assert not contest.publish(uow, world.ports, begun[0], kept, {})
            processing.fail(uow, begun[0], OUR_FAULT, "detail")
            processing.hand_over(uow, world.ports, begun[0])
        assert self.seen(world, player, upload) == before
        assert before["status"] == "failed"

    @staticmethod
    def seen(world: World, player: Player, upload: AcceptedClip) -> dict[str, object]:
        """Return what its owner sees of a video, without the address, whose signature changes each second."""
        shown = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        return {name: value for name, value in shown.items() if name != "original_url"}


class TestDelete:
    def test_every_file_is_gone(self, world: World) -> None:
        world.season(moderated=True)
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        assert len(world.files()) == 1 + len(MADE)
        assert world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers).status_code == 200
        assert world.files() == []
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from renditions")).scalar_one() == 0
            assert uow.execute(text("select count(*) from poster_files")).scalar_one() == 0
