"""Resumable uploads as tus 1.0.0 defines them: what each request answers, and which files remain."""

import hashlib
from base64 import b64encode

import pytest
from sqlalchemy import text

from support.tus import CHUNK_TYPE, TusSender, word
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip that comes in chunks"


@pytest.fixture
def sender(world: World) -> TusSender:
    return TusSender(world.player())


def videos(world: World, sender: TusSender) -> list[str]:
    listed = world.client.get("/api/videos", headers=sender.player.headers).json()
    return [video["video_id"] for video in listed]


class TestCapabilities:
    def test_anybody_learns_what_the_server_can_do(self, world: World) -> None:
        told = world.client.options("/api/uploads")
        assert told.status_code == 204
        assert told.headers["tus-version"] == "1.0.0"
        assert told.headers["tus-max-size"] == str(world.settings.upload_max_bytes)
        assert told.headers["tus-extension"] == "creation,creation-with-upload,expiration,checksum,termination"
        assert told.headers["tus-checksum-algorithm"] == "sha1,sha256"

    def test_another_version_is_412_and_hears_ours(self, sender: TusSender) -> None:
        answer = sender.create(10, headers={"Tus-Resumable": "0.2.2"})
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")

    def test_nobody_is_401_before_a_byte_is_read(self, world: World, sender: TusSender) -> None:
        path = sender.begin(10)
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": CHUNK_TYPE, "Upload-Length": "10"}
        assert world.client.patch(path, content=b"x" * 10, headers=headers).status_code == 401
        assert world.client.post("/api/uploads", content=b"x" * 10, headers=headers).status_code == 401
        assert world.files() == []


class TestCreate:
    def test_it_says_where_and_until_when(self, sender: TusSender) -> None:
        made = sender.create(10)
        assert made.status_code == 201
        assert made.headers["location"].startswith("/api/uploads/")
        assert made.headers["upload-expires"].endswith("GMT")
        assert made.headers["tus-resumable"] == "1.0.0"

    @pytest.mark.parametrize("size", ["", "-1", "x", "0", "1e3", "9" * 16])
    def test_a_length_that_cannot_be_is_named(self, sender: TusSender, size: str) -> None:
        answer = sender.create(size)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Upload-Length")

    @pytest.mark.parametrize("metadata", ["title", f"title {word('   ')}", "name eA==", f"title {word('x' * 121)}"])
    def test_a_title_that_cannot_be_is_named(self, sender: TusSender, metadata: str) -> None:
        answer = sender.create(10, headers={"Upload-Metadata": metadata})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "title")

    def test_metadata_that_is_not_base64_is_400(self, sender: TusSender) -> None:
        assert sender.create(10, headers={"Upload-Metadata": "title ***"}).status_code == 400

    def test_more_than_the_rules_allow_is_413_before_a_byte(self, world: World, sender: TusSender) -> None:
        answer = sender.create(world.settings.upload_max_bytes + 1)
        assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
        assert answer.json()["detail"] == "La subida trae 104857601 bytes; puede traer hasta 104857600."

    def test_a_share_that_is_nearly_full_is_507_also_for_a_chunk(self, world: World, sender: TusSender) -> None:
        path = sender.begin(10)
        world.change(free_bytes_floor=2**60)
        assert sender.create(10).status_code == 507
        assert sender.send(path, 0, b"x").status_code == 507
        assert world.files() == []

    def test_so_many_may_be_open_and_an_ended_one_gives_its_place_back(self, world: World, sender: TusSender) -> None:
        world.change(upload_open_count=2)
        first, _ = sender.begin(10), sender.begin(10)
        answer = sender.create(10)
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-uploads")
        assert int(answer.headers["retry-after"]) > 0
        assert TusSender(world.player("Ana Paz")).create(10).status_code == 201
        assert sender.ask("DELETE", first).status_code == 204
        sender.begin(10)

    def test_what_is_open_may_weigh_so_much(self, world: World, sender: TusSender) -> None:
        world.change(upload_open_bytes=100)
        sender.begin(60)
        assert sender.create(60).status_code == 429
        sender.begin(40)

    def test_bytes_may_come_along(self, world: World, sender: TusSender) -> None:
        made = sender.create(len(BODY), content=BODY[:10], headers={"Content-Type": CHUNK_TYPE})
        assert (made.status_code, made.headers["upload-offset"]) == (201, "10")
        done = sender.send(made.headers["location"], 10, BODY[10:])
        assert done.headers["anb-video-id"] in videos(world, sender)

    def test_the_whole_may_come_along(self, world: World, sender: TusSender) -> None:
        made = sender.create(len(BODY), content=BODY, headers={"Content-Type": CHUNK_TYPE})
        assert (made.status_code, made.headers["upload-offset"]) == (201, str(len(BODY)))
        assert videos(world, sender) == [made.headers["anb-video-id"]]

    def test_a_body_of_another_type_is_415(self, sender: TusSender) -> None:
        assert sender.create(10, content=b"x").status_code == 415


class TestWrite:
    def test_chunks_become_one_video_with_one_job(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        assert sender.send(path, 0, BODY[:7]).headers["upload-offset"] == "7"
        assert sender.offset(path) == 7
        done = sender.send(path, 7, BODY[7:])
        assert (done.status_code, done.headers["upload-offset"]) == (204, str(len(BODY)))
        assert done.headers["link"] == f'</api/jobs/{done.headers["anb-task-id"]}>; rel="monitor"'
        assert [str(sent) for sent in world.queue.sent] == [done.headers["anb-task-id"]]
        (original,) = world.files()
        assert (world.settings.media_root / original).read_bytes() == BODY
        with world.uow() as uow:
            kept = uow.execute(text("SELECT original_sha256, original_bytes FROM videos")).one()
        assert tuple(kept) == (hashlib.sha256(BODY).hexdigest(), len(BODY))

    def test_a_chunk_from_elsewhere_is_409_and_says_where_we_are(self, sender: TusSender) -> None:
        path = sender.begin(10)
        sender.send(path, 0, b"abc")
        for offset in (0, 5):
            answer = sender.send(path, offset, b"x")
            assert (answer.status_code, answer.headers["upload-offset"]) == (409, "3")
        assert sender.offset(path) == 3

    @pytest.mark.parametrize("offset", ["", "-1", "x"])
    def test_an_offset_that_cannot_be_is_400(self, sender: TusSender, offset: str) -> None:
        assert sender.send(sender.begin(10), offset, b"x").status_code == 400

    def test_a_body_that_is_no_chunk_is_415(self, sender: TusSender) -> None:
        assert sender.send(sender.begin(10), 0, b"x", Content_Type="video/mp4").status_code == 415

    def test_more_than_was_announced_is_413_and_nothing_of_it_stays(self, sender: TusSender) -> None:
        path = sender.begin(10)
        sender.send(path, 0, b"abc")
        said = sender.send(path, 3, b"x" * 8)
        assert (said.status_code, said.json()["detail"]) == (413, "La subida trae 11 bytes; puede traer hasta 10.")
        hidden = sender.ask("PATCH", path, content=iter([b"x" * 8]),
                            headers={"Upload-Offset": "3", "Content-Type": CHUNK_TYPE})  # fmt: skip
        assert hidden.json()["detail"] == "La subida trae al menos 11 bytes; puede traer hasta 10."
        assert sender.offset(path) == 3
        assert sender.send(path, 3, b"y" * 7).status_code in {204, 400}

    def test_somebody_elses_is_404(self, world: World, sender: TusSender) -> None:
        path, other = sender.begin(10), TusSender(world.player("Ana Paz"))
        for answer in (other.ask("HEAD", path), other.send(path, 0, b"x"), other.ask("DELETE", path),
                       other.ask("GET", path)):  # fmt: skip
            assert answer.status_code == 404

    def test_ended_it_is_404_and_nothing_is_left(self, world: World, sender: TusSender) -> None:
        path = sender.begin(10)
        sender.send(path, 0, b"abc")
        assert sender.ask("DELETE", path).status_code == 204
        assert sender.send(path, 3, b"x").status_code == 404
        assert world.files() == []


class TestChecksum:
    @pytest.mark.parametrize("name", ["sha1", "sha256"])
    def test_one_that_holds_lets_the_chunk_in(self, sender: TusSender, name: str) -> None:
        path, total = sender.begin(10), b64encode(hashlib.new(name, b"abc").digest()).decode()
        assert sender.send(path, 0, b"abc", Upload_Checksum=f"{name} {total}").status_code == 204

    def test_one_that_differs_is_460_and_the_bytes_are_dropped(self, world: World, sender: TusSender) -> None:
        path, total = sender.begin(len(BODY)), b64encode(hashlib.sha1(b"abd", usedforsecurity=False).digest()).decode()
        answer = sender.send(path, 0, b"abc", Upload_Checksum=f"sha1 {total}")
        assert (answer.status_code, answer.json()["code"]) == (460, "wrong-checksum")
        assert sender.offset(path) == 0
        sender.send(path, 0, BODY)
        (original,) = world.files()
        assert (world.settings.media_root / original).read_bytes() == BODY

    @pytest.mark.parametrize("header", ["md5 AAAA", "sha1", "sha1 ***", "sha256 "])
    def test_one_that_cannot_be_is_400(self, sender: TusSender, header: str) -> None:
        path = sender.begin(10)
        assert sender.send(path, 0, b"abc", Upload_Checksum=header).status_code == 400
        assert sender.send(path, 0, b"abc").status_code == 204


class TestRules:
    def test_a_clip_that_breaks_one_is_refused_at_its_last_chunk_and_leaves_nothing(
        self, world: World, sender: TusSender
    ) -> None:
        world.prober.facts["video"]["seconds"] = 18.4
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:5])
        answer = sender.send(path, 5, BODY[5:])
        assert (answer.status_code, answer.json()["code"]) == (400, "clip-too-short")
        assert "18,4" in answer.json()["detail"]
        assert (world.files(), videos(world, sender)) == ([], [])

    def test_a_client_that_comes_back_hears_the_same_refusal(self, world: World, sender: TusSender) -> None:
        world.prober.facts["video"]["seconds"] = 18.4
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY)
        assert sender.ask("HEAD", path).status_code == 400
        told = sender.ask("GET", path, headers={"Accept-Language": "en"})
        assert (told.json()["code"], "18.4" in told.json()["detail"]) == ("clip-too-short", True)

    def test_a_client_that_comes_back_learns_that_it_was_accepted(self, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        done = sender.send(path, 0, BODY)
        seen, shown = sender.ask("HEAD", path), sender.ask("GET", path).json()
        assert (seen.status_code, seen.headers["upload-offset"]) == (200, str(len(BODY)))
        assert seen.headers["anb-task-id"] == shown["task_id"] == done.headers["anb-task-id"]
        assert shown["state"] == "accepted"
        again = sender.send(path, len(BODY), b"")
        assert (again.status_code, again.headers["anb-task-id"]) == (204, done.headers["anb-task-id"])

    def test_the_same_file_again_is_another_video_that_names_the_first(self, world: World, sender: TusSender) -> None:
        first = sender.send(sender.begin(len(BODY)), 0, BODY).headers
        again = sender.send(sender.begin(len(BODY)), 0, BODY)
        assert (again.status_code, again.headers["anb-same-as"]) == (204, first["anb-video-id"])
        assert "anb-same-as" not in first
        assert videos(world, sender) == [again.headers["anb-video-id"], first["anb-video-id"]]
        assert again.headers["anb-task-id"] != first["anb-task-id"]
