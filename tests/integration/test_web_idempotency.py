"""`Idempotency-Key`: the same request again gets the same answer and makes nothing new."""

import threading
from typing import Any

import pytest
from sqlalchemy import text

from anb.db import stored_responses
from anb.db.stored_responses import StoredResponse
from anb.web.idempotency import Once
from support.publishing import publish
from support.tus import TusSender
from support.worlds import Player, World


def upload(player: Player, key: str, body: bytes = b"a clip", title: str = "Mi triple") -> Any:
    headers = player.headers | {"Idempotency-Key": key}
    files = {"video_file": ("clip.mp4", body, "video/mp4")}
    return player.world.client.post("/api/videos/upload", files=files, data={"title": title}, headers=headers)


def vote(voter: Player, video_id: object, key: str) -> Any:
    path = f"/api/public/videos/{video_id}/vote"
    return voter.world.client.post(path, headers=voter.headers | {"Idempotency-Key": key})


class TestUpload:
    def test_the_same_again_answers_the_same_and_makes_nothing_new(self, world: World) -> None:
        player = world.player()
        first, again = upload(player, "one"), upload(player, '"one"')
        assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, first.json())
        assert (len(world.files()), len(world.queue.sent)) == (1, 1)

    @pytest.mark.parametrize("other", [{"body": b"another"}, {"title": "Otro"}])
    def test_another_request_under_the_same_key_is_422(self, world: World, other: dict[str, Any]) -> None:
        player = world.player()
        upload(player, "one")
        answer = upload(player, "one", **other)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
        assert len(world.files()) == 1

    def test_the_same_word_of_somebody_else_is_another_key(self, world: World) -> None:
        assert upload(world.player(), "one").json() != upload(world.player("Ana Paz"), "one").json()

    def test_a_refusal_frees_the_key(self, world: World) -> None:
        player, length = world.player(), world.prober.facts["video"]["seconds"]
        world.prober.facts["video"]["seconds"] = 3
        assert upload(player, "one").status_code == 400
        world.prober.facts["video"]["seconds"] = length
        assert upload(player, "one").status_code == 201

    @pytest.mark.parametrize("key", ["", "x" * 256, "a b", 'a"b', '"'])
    def test_a_key_that_cannot_be_is_named(self, world: World, key: str) -> None:
        answer = upload(world.player(), key)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")

    def test_whatever_else_than_quotation_marks_stands_around_a_word_makes_another(self, world: World) -> None:
        owner, seconds = world.player().id, 60
        with world.uow() as uow:
            Once(owner, "word", seconds, "a request").keep(uow, StoredResponse(201))
            assert Once(owner, '"word"', seconds, "a request").before(uow) == StoredResponse(201)
            for code in range(0x21, 0x7F):
                if chr(code) != '"':
                    assert Once(owner, f"{chr(code)}word{chr(code)}", seconds, "a request").before(uow) is None

    def test_two_at_once_make_one_video(self, world: World) -> None:
        player, seen, both = world.player(), [], threading.Barrier(2)

        def send() -> None:
            both.wait()
            seen.append(upload(player, "one").status_code)

        at_once(send)
        assert sorted(seen) in ([201, 201], [201, 409])
        assert (len(world.files()), len(world.queue.sent)) == (1, 1)
        assert upload(player, "one").status_code == 201

    def test_the_same_file_twice_at_once_without_a_key_is_two_videos_of_which_one_names_the_other(
        self, world: World
    ) -> None:
        player, seen, both = world.player(), [], threading.Barrier(2)

        def send() -> None:
            both.wait()
            files = {"video_file": ("c", b"the same", "video/mp4")}
            answer = world.client.post("/api/videos/upload", files=files, data={"title": "x"}, headers=player.headers)
            seen.append((answer.status_code, answer.json()["video_id"], answer.json()["same_as"]))

        at_once(send)
        assert [status for status, _, _ in seen] == [201, 201]
        (first,) = [video for _, video, same_as in seen if same_as is None]
        assert [same_as for _, _, same_as in seen if same_as is not None] == [first]
        assert (len(world.files()), len(world.queue.sent)) == (2, 2)

    def test_after_its_time_a_key_is_new_again(self, world: World) -> None:
        player = world.player()
        upload(player, "one")
        with world.uow() as uow:
            uow.execute(text("UPDATE idempotency_keys SET expires_at = now()"))
        assert upload(player, "one", body=b"another").status_code == 201
        with world.uow() as uow:
            uow.execute(text("UPDATE idempotency_keys SET expires_at = now()"))
            assert stored_responses.sweep(uow) == 1


class TestOthers:
    def test_a_vote_again_answers_the_same_and_counts_once(self, world: World) -> None:
        owner, voter = world.player(), world.player("Ana Paz")
        clip = owner.upload()
        publish(world, clip)
        first, again = vote(voter, clip.video_id, "v"), vote(voter, clip.video_id, "v")
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, first.json())
        assert vote(voter, clip.video_id, "another").json()["code"] == "already-voted"
        assert vote(owner, clip.video_id, "v").json()["code"] == "own-video"
        with world.uow() as uow:
            assert uow.execute(text("SELECT count(*) FROM votes")).scalar_one() == 1

    def test_another_vote_under_the_same_key_is_422(self, world: World) -> None:
        owner, voter = world.player(), world.player("Ana Paz")
        clips = [owner.upload(), owner.upload()]
        for clip in clips:
            publish(world, clip)
        vote(voter, clips[0].video_id, "v")
        assert vote(voter, clips[1].video_id, "v").status_code == 422

    def test_an_upload_is_opened_once(self, world: World) -> None:
        sender, key = TusSender(world.player()), {"Idempotency-Key": "u"}
        first, again = sender.create(10, headers=key), sender.create(10, headers=key)
        assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
        assert sender.create(11, headers=key).status_code == 422


def at_once(act: Any) -> None:
    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
