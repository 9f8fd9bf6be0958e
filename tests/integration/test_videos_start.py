"""Where an edit starts: chosen with the upload at either endpoint, stored with the video, and passed to the worker."""

from typing import Any, NoReturn
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.contest import tasks
from anb.media.edit import UNREADABLE_TO_ITS_END, EditRejected
from anb.videos import service
from support.publishing import publish
from support.tus import TusSender, word
from support.worlds import AcceptedClip, Player, World

BODY = b"\0\0\0\x18ftypisom the same clip"
NO_NUMBERS = ["-1", "-0", "NaN", "inf", "1e999", "1_0", "doce", "12,5", "０", "0x10", "1e7", "--", "1 2"]


def post(player: Player, start: str | None, body: bytes = BODY, **headers: str) -> Any:
    data = {"title": "Mi triple"} | ({} if start is None else {"start_seconds": start})
    files = {"video_file": ("clip.mp4", body, "video/mp4")}
    named = player.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return player.world.client.post("/api/videos/upload", files=files, data=data, headers=named)


def seen(player: Player, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    found = player.world.client.get(f"/api/videos/{answer.json()['video_id']}", headers=player.headers)
    video: dict[str, Any] = found.json()
    return video


def create(sender: TusSender, start: str, **headers: str) -> Any:
    metadata = f"title {word('Mi triple')},start_seconds {word(start)}"
    return sender.create(len(BODY), headers={"Upload-Metadata": metadata} | headers)


class TestForm:
    @pytest.mark.parametrize(("said", "start"), [(None, 0), ("", 0), (" ", 0), ("0", 0), ("1.5", 1.5), ("15e-1", 1.5)])
    def test_a_start_is_kept_and_shown(self, world: World, said: str | None, start: float) -> None:
        player = world.player()
        assert seen(player, post(player, said))["start_seconds"] == start
        (listed,) = world.client.get("/api/videos", headers=player.headers).json()
        assert listed["start_seconds"] == start

    @pytest.mark.parametrize("said", NO_NUMBERS)
    def test_what_is_no_number_of_seconds_is_named(self, world: World, said: str) -> None:
        answer = post(world.player(), said)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-field")
        assert [error["field"] for error in answer.json()["errors"]] == ["start_seconds"]
        assert world.files() == []

    def test_a_start_that_leaves_too_little_is_refused_and_leaves_nothing(self, world: World) -> None:
        answer = post(world.player(), "2.5")  # of 22 s
        assert (answer.status_code, answer.json()["code"]) == (400, "start-too-late")
        assert "de 0 a 2 s" in answer.json()["detail"]
        assert world.files() == []


class TestTus:
    def test_a_start_is_kept_and_shown(self, world: World) -> None:
        sender = TusSender(world.player())
        made = create(sender, "1.5")
        path = made.headers["location"]
        assert sender.ask("GET", path).json()["start_seconds"] == 1.5
        done = sender.send(path, 0, BODY)
        video = world.client.get(f"/api/videos/{done.headers['anb-video-id']}", headers=sender.player.headers).json()
        assert video["start_seconds"] == 1.5

    @pytest.mark.parametrize("said", NO_NUMBERS)
    def test_what_is_no_number_of_seconds_is_named_before_a_byte(self, world: World, said: str) -> None:
        answer = create(TusSender(world.player()), said)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-field")
        assert [error["field"] for error in answer.json()["errors"]] == ["start_seconds"]

    def test_a_start_that_leaves_too_little_is_refused_at_the_last_chunk(self, world: World) -> None:
        sender = TusSender(world.player())
        path = create(sender, "2.5").headers["location"]
        assert sender.send(path, 0, BODY).json()["code"] == "start-too-late"
        assert sender.ask("GET", path).json()["code"] == "start-too-late"
        assert world.files() == []


class TestTheSameAgain:
    def test_another_start_of_the_same_file_is_another_video_that_names_the_first(self, world: World) -> None:
        player = world.player()
        first, other = post(player, None), post(player, "1.5")
        assert other.json()["same_as"] == first.json()["video_id"] != other.json()["video_id"]

    def test_under_one_key_another_start_is_another_request(self, world: World) -> None:
        player = world.player()
        first = post(player, "1.5", Idempotency_Key="k")
        assert post(player, "1.50", Idempotency_Key="k").json() == first.json()
        assert post(player, "1", Idempotency_Key="k").status_code == 422
        assert post(player, None, Idempotency_Key="k").status_code == 422

    def test_to_start_at_0_is_to_say_nothing(self, world: World) -> None:
        player = world.player()
        first = post(player, None, Idempotency_Key="k")
        assert post(player, "0.0", Idempotency_Key="k").json() == first.json()

    def test_a_resumable_upload_with_another_start_is_another_too(self, world: World) -> None:
        sender, key = TusSender(world.player()), {"Idempotency-Key": "u"}
        first = create(sender, "1.5", **key)
        assert create(sender, "1.5", **key).headers["location"] == first.headers["location"]
        assert create(sender, "1", **key).status_code == 422


class TestWork:
    def started(self, world: World, monkeypatch: pytest.MonkeyPatch, task_id: UUID) -> float:
        """Run a job and return the second at which its edit starts."""
        asked: list[float] = []

        def edit(*words: Any) -> NoReturn:
            asked.append(words[-1])
            raise EditRejected(UNREADABLE_TO_ITS_END, "for the test")

        monkeypatch.setattr("anb.media.edit.edit", edit)
        tasks.process_next(tasks.Work(world.settings, world.database, world.ports, "test", lambda: False), task_id)
        (start,) = asked
        return start

    def test_a_worker_edits_from_the_start(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        made = post(world.player(), "1.5").json()
        assert self.started(world, monkeypatch, made["task_id"]) == 1.5

    def test_a_new_edit_keeps_the_start(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        player = world.player()
        made = post(player, "1.5").json()
        publish(world, AcceptedClip(made["video_id"], made["task_id"]))
        with world.uow() as uow:
            assert service.reedit(uow, world.ports, older_than=None, every=0) == 1
        assert self.started(world, monkeypatch, world.queue.sent[-1]) == 1.5


class TestTables:
    def test_code_of_the_version_before_writes_none(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            added = text(
                "insert into videos (owner_id, title, original_key, original_bytes, original_sha256, duration_seconds)"
                " values (:owner, 'x', 'originals/x', 1, 'x', 22)"
            )
            uow.execute(added, {"owner": player.id})
        (listed,) = world.client.get("/api/videos", headers=player.headers).json()
        assert listed["start_seconds"] == 0
