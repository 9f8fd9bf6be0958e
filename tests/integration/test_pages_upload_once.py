"""The upload form without a script: a second submission, after a lost answer, makes nothing new."""

import re
import threading

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from anb.web.idempotency import Once
from support.browser_client import browser_client
from support.worlds import Player, World

CLIP = b"\0\0\0\x18ftypisom a clip whose answer was lost"
OTHER = CLIP + b", and another one"


def key_of(client: TestClient) -> str:
    page = client.get("/upload").text
    (key,) = re.findall(r'<input type="hidden" name="idempotency_key" value="([\w-]{20,})">', page)
    return str(key)


def send(client: TestClient, key: str | None, clip: bytes = CLIP, title: str = "Triple") -> httpx.Response:
    fields = {"title": title} if key is None else {"idempotency_key": key, "title": title}
    return client.post("/upload", data=fields, files={"video_file": clip})


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


def count(world: World, player: Player) -> int:
    return len(world.client.get("/api/videos", headers=player.headers).json())


def test_the_same_form_again_leads_to_the_same_video(world: World, player: Player) -> None:
    with browser_client(world, player) as browser:
        key = key_of(browser)
        first, again = send(browser, key), send(browser, key)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"]
    assert (count(world, player), len(world.queue.sent), len(world.files())) == (1, 1, 1)


def test_each_form_has_a_key_of_its_own_and_the_same_file_may_come_twice(world: World, player: Player) -> None:
    with browser_client(world, player) as browser:
        keys = [key_of(browser), key_of(browser)]
        assert len({send(browser, key).headers["location"] for key in keys}) == 2
        assert len({send(browser, None).headers["location"] for _ in keys}) == 2
    assert count(world, player) == 4


@pytest.mark.parametrize(("clip", "title"), [(OTHER, "Triple"), (CLIP, "Otro título")])
def test_a_form_that_was_kept_open_takes_another_clip(world: World, player: Player, clip: bytes, title: str) -> None:
    with browser_client(world, player) as browser:
        key = key_of(browser)
        assert {send(browser, key).status_code, send(browser, key, clip, title).status_code} == {303}
    assert count(world, player) == 2


def test_a_refusal_keeps_the_title_and_frees_the_key(world: World, player: Player) -> None:
    with browser_client(world, player) as browser:
        key, world.prober.unreadable = key_of(browser), True
        refused = send(browser, key)
        assert (refused.status_code, 'value="Triple"' in refused.text) == (400, True)
        world.prober.unreadable = False
        assert send(browser, key).status_code == 303


def test_the_quota_that_the_clip_itself_reached_hides_no_answer(world: World, player: Player) -> None:
    world.change(quota_waiting_clips=1)
    with browser_client(world, player) as browser:
        key = key_of(browser)
        assert [send(browser, key).status_code for _ in range(2)] == [303, 303]
        assert "1 video" in send(browser, key_of(browser)).text


def test_of_two_at_the_same_moment_both_hear_of_one_video(
    world: World, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, look = threading.Barrier(2), Once.before
    met: set[int] = set()

    def before(once: Once, uow: object) -> object:
        found = look(once, uow)  # type: ignore[arg-type]
        if threading.get_ident() not in met and len(met) < 2:
            met.add(threading.get_ident())
            both.wait(30)
        return found

    monkeypatch.setattr(Once, "before", before)
    with browser_client(world, player) as browser:
        key, answers = key_of(browser), list[httpx.Response]()
        threads = [threading.Thread(target=lambda: answers.append(send(browser, key))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert count(world, player) == 1
