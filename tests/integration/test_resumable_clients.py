"""What other people's tus clients send and expect."""

from base64 import b64encode

import pytest
from pydantic import AnyHttpUrl
from sqlalchemy import text

from support.tus import CHUNK_TYPE, TusSender, upload_id, word
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip of a client that we do not know"


@pytest.fixture
def sender(world: World) -> TusSender:
    return TusSender(world.player())


def delete_video(world: World, sender: TusSender, video: str) -> None:
    assert world.client.delete(f"/api/videos/{video}", headers=sender.player.headers).status_code == 200


class TestRemembered:
    """Clients that keep an upload's address after its success ask for it next time, and must begin anew."""

    def test_an_upload_whose_video_was_deleted_is_410_for_whoever_comes_back(
        self, world: World, sender: TusSender
    ) -> None:
        path = sender.begin(len(BODY))
        delete_video(world, sender, sender.send(path, 0, BODY).headers["anb-video-id"])
        for answer in (sender.ask("HEAD", path), sender.ask("GET", path), sender.send(path, len(BODY), b"")):
            assert (answer.status_code, answer.headers["tus-resumable"]) == (410, "1.0.0")
        assert sender.ask("GET", path).json()["code"] == "upload-video-deleted"
        assert sender.ask("DELETE", path).status_code == 204

    def test_its_file_can_be_sent_again(self, world: World, sender: TusSender) -> None:
        delete_video(world, sender, sender.send(sender.begin(len(BODY)), 0, BODY).headers["anb-video-id"])
        again = sender.send(sender.begin(len(BODY)), 0, BODY)
        assert again.status_code == 204
        assert "anb-same-as" not in again.headers


class TestMetadata:
    def made(self, sender: TusSender, header: str) -> str:
        made = sender.create(len(BODY), headers={"Upload-Metadata": header})
        assert made.status_code == 201, made.text
        path: str = made.headers["location"]
        return path

    def test_all_of_it_is_told_again_as_it_came(self, sender: TusSender) -> None:
        raw = b64encode(b"\xff\xfe\x00").decode()
        header = f"filename {word('a.mp4')},filetype {word('video/mp4')},title {word('Triple')},thumb {raw},is_private"
        path = self.made(sender, header)
        assert sender.ask("HEAD", path).headers["upload-metadata"] == header
        sender.send(path, 0, BODY)
        assert sender.ask("HEAD", path).headers["upload-metadata"] == header

    @pytest.mark.parametrize(
        ("filename", "title"),
        [("mi triple.MP4", "mi triple"), ("/sdcard/DCIM/VID_1.mp4", "VID_1"), ("C:\\clips\\final.mov", "final"),
         ("sin extensión", "sin extensión"), ("a.b.mp4", "a.b"), ("x" * 200 + ".mp4", "x" * 120)],
    )  # fmt: skip
    def test_a_file_name_stands_in_for_a_missing_title(self, sender: TusSender, filename: str, title: str) -> None:
        path = self.made(sender, f"filename {word(filename)}")
        assert sender.ask("GET", path).json()["title"] == title

    @pytest.mark.parametrize("header", [f"title ,filename {word('a.mp4')}", f"filename {word('   .mp4')}", "filename "])
    def test_a_blank_one_is_no_title(self, sender: TusSender, header: str) -> None:
        answer = sender.create(10, headers={"Upload-Metadata": header})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "title")

    @pytest.mark.parametrize("key", ["title", "filename"])
    def test_what_we_read_must_be_utf_8(self, sender: TusSender, key: str) -> None:
        answer = sender.create(10, headers={"Upload-Metadata": f"{key} /w=="})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Upload-Metadata")

    def test_more_than_four_kilobytes_of_it_is_400(self, sender: TusSender) -> None:
        header = f"title {word('Triple')},thumb {b64encode(b'x' * 4096).decode()}"
        assert sender.create(10, headers={"Upload-Metadata": header}).status_code == 400

    def test_an_upload_from_before_it_was_kept_tells_its_title_and_goes_on(
        self, world: World, sender: TusSender
    ) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        with world.uow() as uow:
            uow.execute(text("UPDATE uploads SET metadata = NULL, origin = NULL"))
        assert sender.ask("HEAD", path).headers["upload-metadata"] == f"title {word('Mi mejor triple')}"
        assert sender.send(path, 10, BODY[10:]).status_code == 204


class TestMethods:
    @pytest.mark.parametrize("method", ["PATCH", "patch"])
    def test_a_client_that_can_only_post_says_what_it_means(self, sender: TusSender, method: str) -> None:
        path = sender.begin(len(BODY))
        headers = {"X-HTTP-Method-Override": method, "Upload-Offset": "0", "Content-Type": CHUNK_TYPE}
        assert sender.ask("POST", path, content=BODY[:10], headers=headers).headers["upload-offset"] == "10"
        assert sender.ask("POST", path, headers={"X-HTTP-Method-Override": "HEAD"}).headers["upload-offset"] == "10"
        assert sender.ask("POST", path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
        assert sender.ask("HEAD", path).status_code == 404

    def test_only_a_post_can_mean_another_method_and_only_here(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        sender.ask("GET", path, headers={"X-HTTP-Method-Override": "DELETE"})
        assert sender.offset(path) == 0
        headers = {"X-HTTP-Method-Override": "DELETE"} | sender.player.headers
        video = sender.player.upload().video_id
        assert world.client.post(f"/api/videos/{video}", headers=headers).status_code == 405


class TestRefused:
    @pytest.mark.parametrize("concat", ["partial", "final;/api/uploads/a /api/uploads/b"])
    def test_parts_of_one_file_are_501_with_a_reason(self, sender: TusSender, concat: str) -> None:
        answer = sender.create(10, headers={"Upload-Concat": concat})
        assert (answer.status_code, answer.json()["code"]) == (501, "concatenation-unsupported")
        assert "Upload-Concat" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("method", "path"), [("HEAD", "/api/uploads/nothing"), ("PUT", "/api/uploads"), ("GET", "/api/uploads/x/y"),
                             ("PATCH", "/api/uploads")],
    )  # fmt: skip
    def test_every_answer_speaks_our_version(self, sender: TusSender, method: str, path: str) -> None:
        answer = sender.ask(method, path)
        assert answer.status_code in {404, 405}
        assert answer.headers["tus-resumable"] == "1.0.0"


class TestPlaces:
    def test_where_the_public_address_is_known_a_place_is_absolute(self, world: World, sender: TusSender) -> None:
        world.change(public_url=AnyHttpUrl("https://anb.example/"))
        made = sender.create(len(BODY), content=BODY[:5], headers={"Content-Type": CHUNK_TYPE})
        place = made.headers["location"]
        assert place == f"https://anb.example/api/uploads/{upload_id(place)}"
        assert made.headers["upload-offset"] == "5"
        assert sender.send(f"/api/uploads/{upload_id(place)}", 5, BODY[5:]).status_code == 204
