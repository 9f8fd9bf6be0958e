"""Endpoints 3 to 6 of the contract: submit, list, show, delete, and who may fetch which file."""

from typing import NoReturn
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError
from verify.kit import upload_forms

from anb.db.session import UnitOfWork
from anb.videos import processing
from anb.videos.domain import OUR_FAULT
from support.worlds import Player, World


def refused(world: World, player: Player, body: bytes = b"x", **data: str) -> tuple[int, str]:
    answer = world.client.post(
        "/api/videos/upload",
        files={"video_file": ("clip.mp4", body, "video/mp4")},
        data={"title": "Mi triple"} | data,
        headers=player.headers,
    )
    return answer.status_code, answer.json()["code"]


class TestSubmit:
    def test_a_good_clip_is_kept_registered_and_queued(self, world: World) -> None:
        upload = world.player().upload()
        assert len(world.files()) == 1
        assert world.files()[0].startswith("originals/")
        assert world.queue.sent == [upload.task_id]

    def test_the_answer_is_the_contracts(self, world: World) -> None:
        player = world.player()
        files = {"video_file": ("clip.mp4", b"bytes", "video/mp4")}
        made = world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=player.headers)
        assert made.status_code == 201
        assert made.json()["message"] == "Video subido correctamente. Procesamiento en curso."
        assert made.json()["task_id"]

    def test_the_same_file_again_is_another_video_that_names_the_first(self, world: World) -> None:
        player, sent = world.player(), []
        for _ in range(2):
            files = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom the very same", "video/mp4")}
            sent.append(
                world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=player.headers)
            )
        first, again = (answer.json() for answer in sent)
        assert [answer.status_code for answer in sent] == [201, 201]
        assert (first["same_as"], again["same_as"]) == (None, first["video_id"])
        assert world.queue.sent == [UUID(first["task_id"]), UUID(again["task_id"])]
        assert first["task_id"] != again["task_id"]
        for made in (first, again):
            seen = world.client.get(f"/api/videos/{made['video_id']}", headers=player.headers).json()
            assert seen["same_as"] == made["same_as"]

    def test_nobody_is_401_before_a_byte_is_read(self, world: World) -> None:
        answer = world.client.post("/api/videos/upload", content=b"not even a form")
        assert answer.status_code == 401
        assert world.files() == []

    def test_a_text_file_is_refused_and_leaves_nothing_behind(self, world: World) -> None:
        world.prober.unreadable = True
        player = world.player()
        assert refused(world, player) == (400, "not-a-video")
        assert world.files() == []
        assert world.client.get("/api/videos", headers=player.headers).json() == []
        assert world.queue.sent == []

    def test_a_short_clip_is_refused_with_the_value_found(self, world: World) -> None:
        world.prober.facts["video"]["seconds"] = 18.4
        player = world.player()
        answer = world.client.post(
            "/api/videos/upload", files={"video_file": ("c", b"x")}, data={"title": "x"}, headers=player.headers
        )
        assert answer.status_code == 400
        assert "18,4" in answer.json()["detail"]
        assert world.files() == []

    @pytest.mark.parametrize("title", ["", "   ", "x" * 121, "a\x00b"])
    def test_a_title_that_cannot_be_is_named(self, world: World, title: str) -> None:
        assert refused(world, world.player(), title=title) == (400, "invalid-field")
        assert world.files() == []

    def test_a_missing_title_and_a_missing_file_are_named(self, world: World) -> None:
        headers = world.player().headers
        only_file = world.client.post("/api/videos/upload", files={"video_file": ("c", b"x")}, headers=headers)
        only_title = world.client.post("/api/videos/upload", files={"title": (None, "x")}, headers=headers)
        assert [error["field"] for error in only_file.json()["errors"]] == ["title"]
        assert [error["field"] for error in only_title.json()["errors"]] == ["video_file"]
        assert world.files() == []

    @pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", upload_forms.CONTENT_TYPE])
    def test_what_is_no_form_is_400(self, world: World, kind: str) -> None:
        answer = world.client.post(
            "/api/videos/upload", content=b"{}", headers=world.player().headers | {"content-type": kind}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "incomplete-upload")
        assert world.files() == []

    def test_a_form_cut_short_is_400_and_leaves_nothing(self, world: World) -> None:
        part = upload_forms.opening("video_file", "c") + b"x" * 9000
        headers = world.player().headers | {"content-type": upload_forms.CONTENT_TYPE}
        assert world.client.post("/api/videos/upload", content=part, headers=headers).status_code == 400
        assert world.files() == []

    def test_a_file_over_the_limit_is_400_though_the_request_hides_its_length(self, world: World) -> None:
        limit = world.settings.upload_max_bytes
        world.change(upload_max_bytes=1000)
        try:
            assert refused(world, world.player(), b"x" * 1001) == (400, "too-many-bytes")
            assert world.files() == []
            world.player("Ana Paz").upload(body=b"x" * 1000)
        finally:
            world.change(upload_max_bytes=limit)

    def test_a_share_that_is_nearly_full_is_507_before_a_byte_is_read(self, world: World) -> None:
        world.change(free_bytes_floor=2**60)
        assert refused(world, world.player()) == (507, "no-room")

    def test_two_files_in_one_form_are_refused(self, world: World) -> None:
        files = [("video_file", ("a", b"x")), ("video_file", ("b", b"x"))]
        headers = world.player().headers
        answer = world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=headers)
        assert answer.status_code == 400
        assert world.files() == []

    def test_a_database_that_does_not_answer_is_503_and_leaves_no_file(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        player = world.player()
        monkeypatch.setattr(UnitOfWork, "execute", gone)
        assert refused(world, player) == (503, "unavailable")
        assert world.files() == []

    def test_a_commit_nobody_heard_of_never_costs_a_row_its_file(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        player, commit = world.player(), UnitOfWork.commit

        def unheard(uow: UnitOfWork) -> None:
            commit(uow)
            gone()

        with monkeypatch.context() as breaking:
            breaking.setattr(UnitOfWork, "commit", unheard)
            assert refused(world, player) == (503, "unavailable")
        listed = world.client.get("/api/videos", headers=player.headers).json()
        assert (len(listed), len(world.files())) == (1, 1)


class TestList:
    def test_only_ones_own_newest_first_without_what_is_not_there_yet(self, world: World) -> None:
        mine, other = world.player(), world.player("Ana Paz")
        uploads = [mine.upload(f"clip {n}") for n in range(3)]
        other.upload()
        listed = world.client.get("/api/videos", headers=mine.headers).json()
        assert [video["video_id"] for video in listed] == [str(one.video_id) for one in reversed(uploads)]
        assert set(listed[0]) == {"video_id", "title", "status", "uploaded_at", "start_seconds"}
        assert listed[0]["uploaded_at"].endswith("Z")

    def test_pages_by_link_give_each_once(self, world: World) -> None:
        player = world.player()
        for n in range(5):
            player.upload(f"clip {n}")
        seen, path = [], "/api/videos?limit=2"
        while path:
            answer = world.client.get(path, headers=player.headers)
            seen += [video["title"] for video in answer.json()]
            assert answer.headers["x-total-count"] == "5"
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert seen == [f"clip {n}" for n in (4, 3, 2, 1, 0)]

    def test_pages_by_number_too(self, world: World) -> None:
        player = world.player()
        for n in range(3):
            player.upload(f"clip {n}")
        answer = world.client.get("/api/videos?limit=2&page=2", headers=player.headers)
        assert [video["title"] for video in answer.json()] == ["clip 0"]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=101", "limit=x", "page=0", "cursor=%21", "cursor=e30", "cursor=WzFd", "page=99999"]
    )
    def test_a_page_that_cannot_be_is_400(self, world: World, query: str) -> None:
        assert world.client.get(f"/api/videos?{query}", headers=world.player().headers).status_code == 400


class TestShow:
    def test_the_owner_sees_all_the_fields_of_the_contract(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        shown = world.client.get(f"/api/videos/{upload.video_id}", headers=player.headers).json()
        fields = {
            "video_id",
            "title",
            "status",
            "uploaded_at",
            "processed_at",
            "original_url",
            "processed_url",
            "votes",
        }
        assert fields <= set(shown)
        assert (shown["status"], shown["processed_url"], shown["votes"]) == ("uploaded", None, 0)

    def test_somebody_else_is_403_and_an_unknown_id_404(self, world: World) -> None:
        upload, other = world.player().upload(), world.player("Ana Paz")
        assert world.client.get(f"/api/videos/{upload.video_id}", headers=other.headers).status_code == 403
        assert world.client.get(f"/api/videos/{uuid4()}", headers=other.headers).status_code == 404
        assert world.client.get("/api/videos/no-es-un-id", headers=other.headers).status_code == 404

    def test_a_failed_one_says_why_in_the_readers_language(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            processing.fail(uow, begun[0], OUR_FAULT, "detail")
        path = f"/api/videos/{upload.video_id}"
        assert "problema nuestro" in world.client.get(path, headers=player.headers).json()["reason"]
        job = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers | {"accept-language": "en"}).json()
        assert (job["state"], "problem on our side" in job["reason"]) == ("failed", True)


def gone(*_: object) -> NoReturn:
    """Answer as a database whose server has gone."""
    raise OperationalError("select 1", {}, Exception("connection refused"))
