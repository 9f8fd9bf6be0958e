"""The main job through nginx, with real clips, real files and real processes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.clips import Clip, draw, samples, to_the_rules
from support.edits import check_edit
from support.site import Site, short_clip
from support.waiting import looks, until


class TestElevenSteps:
    def test_a_clip_goes_from_upload_to_an_edit_and_the_log_tells_of_it_and_of_nobody(self, site: Site) -> None:
        player = site.player()
        made = player.upload(short_clip(), "Triple desde la esquina")
        job = player.wait(made["task_id"], "done")
        assert job["progress"] == 100
        video = player.client.get(f"/api/videos/{made['video_id']}").json()
        assert video["status"] == "processed"
        edit = site.client().get(video["processed_url"])
        assert (edit.status_code, edit.headers["content-type"]) == (200, "video/mp4")
        check_edit(edit.content, clip_seconds=3.0)
        told = site.logged("worker", "videos.process.done", made["task_id"])
        assert [line for line in told if "videos.process.begun" in line and made["task_id"] in line]
        assert not [line for line in told if player.email in line]

    @pytest.mark.slow
    @pytest.mark.parametrize("sample", samples(), ids=lambda path: path.stem)
    def test_a_real_clip_does_too(self, site: Site, sample: object) -> None:
        player = site.player()
        video = player.published(to_the_rules(sample, seconds=3))  # type: ignore[arg-type]
        check_edit(site.client().get(video["processed_url"]).content, clip_seconds=3.0)

    def test_progress_is_true_and_never_goes_back(self, site: Site) -> None:
        player = site.player()
        made = player.upload(draw(Clip(seconds=6)))
        seen = []
        for job in looks(lambda: player.follow(made["task_id"]), 90, pause=0.1):
            if job["state"] == "done":
                break
            seen.append(job["progress"])
        assert seen == sorted(seen)

    def test_votes_and_ranking_follow(self, site: Site) -> None:
        player, city = site.player(city="Villavicencio"), "villavicencio"
        video = player.published()
        voter = site.player("Ana")
        path = f"/api/public/videos/{video['video_id']}/vote"
        with ThreadPoolExecutor(16) as pool:
            codes = sorted(pool.map(lambda _: voter.client.post(path).status_code, range(200)))
        assert codes == [200] + [400] * 199

        def ranks() -> list[tuple[int, int]]:
            ranked = site.client().get("/api/public/rankings", params={"city": city}).json()
            return [(rank["position"], rank["votes"]) for rank in ranked]

        until(lambda: ranks() == [(1, 1)], 10, told=ranks)  # the lists may be one second old


class TestFiles:
    def test_ranges_and_validators_are_answered_by_nginx(self, site: Site) -> None:
        video = site.player().published()
        client = site.client()
        whole = client.get(video["processed_url"])
        part = client.get(video["processed_url"], headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, whole.content[100:200])
        again = client.get(video["processed_url"], headers={"If-None-Match": whole.headers["etag"]})
        assert again.status_code == 304
        assert client.get(video["processed_url"], headers={"Range": "bytes=999999999-"}).status_code == 416
        assert client.head(video["processed_url"]).headers["content-length"] == str(len(whole.content))

    def test_the_original_comes_back_untouched_and_only_to_its_owner(self, site: Site) -> None:
        player, clip = site.player(), short_clip()
        made = player.upload(clip)
        path = f"/api/videos/{made['video_id']}/original"
        assert player.client.get(path).content == clip.read_bytes()
        assert site.client().get(path).status_code == 403
        assert site.player("Ana").client.get(path).status_code == 403
        signed = player.client.get(f"/api/videos/{made['video_id']}").json()["original_url"]
        assert site.client().get(signed).content == clip.read_bytes()

    @pytest.mark.parametrize(
        "path",
        ["/_media/", "/_media/incoming/", "/media/", "/originals/", "/static/../media/", "/static/%2e%2e/media/",
         "/_media/../postgres/PG_VERSION", "//_media/edits/"],
    )  # fmt: skip
    def test_nothing_else_of_the_share_can_be_reached(self, site: Site, path: str) -> None:
        assert site.client().get(path).status_code in {400, 404}


class TestDelete:
    def test_deleting_while_a_job_runs_stops_it_and_removes_the_file(self, site: Site) -> None:
        player = site.player()
        made = player.upload(draw(Clip(seconds=8)))
        player.wait(made["task_id"], "running")
        original = site.original_of(made["video_id"])
        assert original.is_file()
        assert player.client.delete(f"/api/videos/{made['video_id']}").status_code == 200
        assert player.client.get(f"/api/jobs/{made['task_id']}").json()["state"] == "cancelled"
        until(lambda: not site.part("ffmpeg"), pause=0.1)
        assert not original.exists()
        assert player.client.get(f"/api/videos/{made['video_id']}").status_code == 404
