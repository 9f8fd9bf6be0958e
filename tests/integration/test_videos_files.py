"""The people who may fetch each file of a video, and what remains after a video is deleted."""

from datetime import timedelta
from uuid import uuid4

import pytest

from anb.adapters.storage.disk import SharedDisk
from anb.errors import Outage
from anb.videos import processing
from support.publishing import publish
from support.worlds import World


class TestFiles:
    def test_the_original_is_its_owners_and_the_organizers(self, world: World) -> None:
        player, other = world.player(), world.player("Ana Paz")
        upload = player.upload()
        path = f"/api/videos/{upload.video_id}/original"
        assert world.client.get(path).status_code == 403
        assert world.client.get(path, headers=other.headers).status_code == 403
        mine = world.client.get(path, headers=player.headers)
        assert mine.headers["x-accel-redirect"].startswith("/_media/originals/")
        assert mine.headers["x-file-cache-control"] == "private, no-store"
        assert world.client.get(path, headers=world.organizer().headers).status_code == 200

    def test_a_signed_address_works_alone_until_it_expires(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        url = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()["original_url"]
        assert world.client.get(url).status_code == 200
        assert world.client.get(url.replace("/original?", "/processed?")).status_code == 404
        assert world.client.get(url[:-2] + "00").status_code == 403
        world.clock.ahead = timedelta(hours=2)
        assert world.client.get(url).status_code == 403

    def test_a_published_edit_is_everybodys(self, world: World) -> None:
        player = world.player()
        upload = player.upload("¡Mi mejor triple, José!")
        key = publish(world, upload)
        url = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()["processed_url"]
        assert "signature" not in url
        answer = world.client.get(url)
        assert answer.headers["x-accel-redirect"] == f"/_media/{key}"
        assert answer.headers["content-type"] == "video/mp4"
        assert "anb-mi-mejor-triple-jose.mp4" in answer.headers["content-disposition"]
        assert world.client.head(url).status_code == 200

    def test_an_edit_that_waits_for_the_organizer_is_its_owners(self, world: World) -> None:
        world.season(moderated=True)
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        shown = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        assert (shown["status"], shown["published_at"]) == ("processed", None)
        assert world.client.get(f"/api/videos/{upload.video_id}/processed").status_code == 403
        assert world.client.get(shown["processed_url"]).status_code == 200

    def test_no_other_kind_of_file_exists(self, world: World) -> None:
        upload = world.player().upload()
        assert world.client.get(f"/api/videos/{upload.video_id}/poster").status_code == 404
        assert world.client.get(f"/api/videos/{upload.video_id}/processed").status_code == 404


class TestDelete:
    def test_all_files_and_the_video_are_gone_and_the_job_is_cancelled(self, world: World) -> None:
        world.season(moderated=True)
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        assert len(world.files()) == 10
        gone = world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers)
        assert gone.json() == {
            "message": "El video ha sido eliminado exitosamente.",
            "video_id": str(upload.video_id),
        }
        assert world.files() == []
        assert world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).status_code == 404

    def test_a_share_that_fails_meanwhile_keeps_one_file_for_the_sweep_and_no_other(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.season(moderated=True)
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        delete, failures = SharedDisk.delete, iter([Outage("the share does not answer")])

        def fail_once(disk: SharedDisk, key: str) -> None:
            for failure in failures:
                raise failure
            delete(disk, key)

        monkeypatch.setattr(SharedDisk, "delete", fail_once)
        assert world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers).status_code == 200
        assert world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).status_code == 404
        assert len(world.files()) == 1

    def test_a_job_under_way_is_cancelled(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        with world.uow() as uow:
            assert processing.begin(uow, world.settings, "test")
        assert world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers).status_code == 200
        job = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
        assert (job["state"], job["video_id"]) == ("cancelled", None)

    def test_what_is_open_to_votes_stays(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        refusal = world.client.delete(f"/api/videos/{upload.video_id}", headers=player.headers)
        assert (refusal.status_code, refusal.json()["code"]) == (400, "open-to-votes")
        assert len(world.files()) == 10

    def test_somebody_elses_is_403_and_an_unknown_one_404(self, world: World) -> None:
        upload, other = world.player().upload(), world.player("Ana Paz")
        assert world.client.delete(f"/api/videos/{upload.video_id}", headers=other.headers).status_code == 403
        assert world.client.delete(f"/api/videos/{uuid4()}", headers=other.headers).status_code == 404
