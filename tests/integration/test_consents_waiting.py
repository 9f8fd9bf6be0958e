"""A minor's clip waits, unedited and private, until a guardian consents, by whichever door it came or is begun."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.consents.domain import ConsentStanding
from anb.contest import service as contest
from anb.contest.tasks import Work, process_next
from anb.jobs.domain import JobState
from anb.media.recipe import RECIPE_VERSION
from anb.resumable import service as resumable
from anb.videos import processing, waiting
from anb.videos import service as videos
from anb.videos.domain import CANCELLED
from support.consenting import MARTA, OURS, answer, ask_marta, days_pass, job_state, say, standing
from support.publishing import begin, publish
from support.tus import TusSender
from support.worlds import OPERATOR, AcceptedClip, Player, World


@pytest.fixture
def asking(world: World) -> World:
    """A world whose season asks for consent."""
    world.season(asks_consent=True)
    return world


@pytest.fixture
def minor(asking: World) -> Player:
    return asking.player("Nina Menor")


def files(world: World) -> list[Path]:
    return sorted(path for path in world.settings.media_root.rglob("*") if path.is_file())


def by_page(player: Player) -> AcceptedClip:
    """Upload by the form of the page, without a script."""
    client = player.world.client
    client.cookies.set("__Host-anb", player.headers["Authorization"].removeprefix("Bearer "))
    clip = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom a clip of a page", "video/mp4")}
    try:
        sent = client.post("/upload", data={"title": "Triple"}, files=clip, headers=OURS, follow_redirects=False)
    finally:
        client.cookies.clear()
    assert sent.status_code == 303, sent.text
    return _clip(player, UUID(sent.headers["location"].rpartition("/")[2]))


def by_tus(player: Player) -> AcceptedClip:
    """Upload in pieces."""
    body, sender = b"\0\0\0\x18ftypisom a clip in pieces", TusSender(player)
    assert sender.send(sender.begin(len(body)), 0, body).status_code == 204
    with player.world.uow() as uow:
        video_id = uow.execute(text("select video_id from uploads")).scalar_one()
    return _clip(player, video_id)


def _clip(player: Player, video_id: UUID) -> AcceptedClip:
    with player.world.uow() as uow:
        job = uow.execute(text("select id from jobs where video_id = :video"), {"video": video_id}).scalar_one()
    return AcceptedClip(video_id, job)


class TestDoorsOfUpload:
    @pytest.mark.parametrize("upload", [Player.upload, by_page, by_tus])
    def test_the_clip_is_accepted_and_waits(
        self, asking: World, minor: Player, upload: Callable[[Player], AcceptedClip]
    ) -> None:
        clip = upload(minor)
        assert job_state(minor, clip.task_id) is JobState.HELD
        assert asking.queue.sent == []
        shown = asking.client.get(f"/api/videos/{clip.video_id}", headers=minor.headers).json()
        assert (shown["status"], shown["waits_for"], shown["processed_url"]) == ("uploaded", "player", None)

    def test_an_adult_who_agreed_waits_for_nothing(self, asking: World, minor: Player) -> None:
        assert say(minor, birth_year=1990) is ConsentStanding.GIVEN
        clip = minor.upload()
        assert asking.queue.sent == [clip.task_id]
        assert asking.client.get(f"/api/videos/{clip.video_id}", headers=minor.headers).json()["waits_for"] is None

    def test_without_the_rule_nobody_waits(self, world: World) -> None:
        player = world.player()
        clip = player.upload()
        assert job_state(player, clip.task_id) is JobState.QUEUED
        assert standing(player) is ConsentStanding.NOT_ASKED

    def test_between_seasons_the_last_one_decides(self, asking: World, minor: Player) -> None:
        with asking.uow() as uow:
            contest.close_season(uow, OPERATOR)
        assert job_state(minor, minor.upload().task_id) is JobState.HELD


class TestDoorsOfTheEdit:
    def test_no_worker_begins_it_and_no_reconciler_sends_it(self, asking: World, minor: Player) -> None:
        clip = minor.upload()
        processing.reconcile(asking.database, asking.ports, asking.settings)
        process_next(Work(asking.settings, asking.database, asking.ports, "worker", lambda: False), clip.task_id)
        assert job_state(minor, clip.task_id) is JobState.HELD
        assert asking.queue.sent == []

    def test_a_clip_queued_under_another_rule_is_held_when_a_worker_takes_it(self, world: World) -> None:
        player = world.player()
        clip = player.upload()
        world.season(asks_consent=True)
        assert begin(world, clip.task_id) is None
        assert job_state(player, clip.task_id) is JobState.HELD

    def test_an_operators_retry_of_a_failed_clip_ends_in_waiting(self, world: World) -> None:
        player = world.player()
        clip = player.upload()
        claim = begin(world, clip.task_id)
        assert claim
        with world.uow() as uow:
            processing.fail(uow, claim, CANCELLED, "a test")
        world.season(asks_consent=True)
        with world.uow() as uow:
            videos.try_again(uow, world.ports, clip.task_id, "an operator")
        assert begin(world, clip.task_id) is None
        assert job_state(player, clip.task_id) is JobState.HELD

    def test_a_new_edit_of_an_old_clip_waits_and_the_clip_stays_as_it_is(self, world: World) -> None:
        player = world.player()
        clip = player.upload()
        publish(world, clip)
        world.season(asks_consent=True)
        with world.uow() as uow:
            assert videos.reedit(uow, world.ports, older_than=RECIPE_VERSION + 1, every=0) == 1
            again = uow.execute(text("select id from jobs where state = 'queued'")).scalar_one()
        assert begin(world, again) is None
        assert job_state(player, again) is JobState.HELD
        days_pass(world, 31)
        waiting.settle_all(world.database, world.ports, world.settings)
        assert job_state(player, again) is JobState.CANCELLED
        assert [
            shown["video_id"] for shown in world.client.get("/api/public/videos?season=temporada-de-prueba").json()
        ] == [str(clip.video_id)]

    def test_the_sweep_that_finishes_an_upload_left_behind_holds_it_too(self, asking: World, minor: Player) -> None:
        clip = by_tus(minor)
        assert resumable.sweep(asking.database, asking.ports, asking.settings).finished == 0
        assert job_state(minor, clip.task_id) is JobState.HELD


class TestGuardian:
    def test_a_yes_queues_what_waits_and_what_comes_later(self, asking: World, minor: Player) -> None:
        clips = [minor.upload(), minor.upload()]
        token = ask_marta(minor)
        assert asking.queue.sent == []
        assert answer(asking, token) == 200
        assert asking.queue.sent == [clip.task_id for clip in clips]
        assert standing(minor) is ConsentStanding.GIVEN
        assert job_state(minor, minor.upload().task_id) is JobState.QUEUED
        assert begin(asking, clips[0].task_id)

    def test_a_no_deletes_what_waits_with_its_files(self, asking: World, minor: Player) -> None:
        clip, before = minor.upload(), files(asking)
        assert len(before) == 1
        assert answer(asking, ask_marta(minor), "refused") == 200
        assert files(asking) == []
        assert asking.client.get(f"/api/videos/{clip.video_id}", headers=minor.headers).status_code == 404
        assert job_state(minor, clip.task_id) is JobState.CANCELLED
        assert standing(minor) is ConsentStanding.REFUSED

    def test_silence_deletes_what_waited_too_long_and_nothing_younger(self, asking: World, minor: Player) -> None:
        old = minor.upload()
        token = ask_marta(minor)
        days_pass(asking, 30)
        young = minor.upload()
        waiting.settle_all(asking.database, asking.ports, asking.settings)
        assert job_state(minor, old.task_id) is JobState.CANCELLED
        assert job_state(minor, young.task_id) is JobState.HELD
        assert len(files(asking)) == 1
        assert standing(minor) is ConsentStanding.GUARDIAN_SILENT
        assert answer(asking, token) == 410

    def test_a_link_answers_once(self, asking: World, minor: Player) -> None:
        token = ask_marta(minor)
        assert answer(asking, token) == 200
        assert answer(asking, token, "refused") == 410
        assert standing(minor) is ConsentStanding.GIVEN

    def test_opening_the_link_changes_nothing_and_is_kept_by_no_cache(self, asking: World, minor: Player) -> None:
        token = ask_marta(minor)
        for _ in range(2):
            page = asking.client.get("/guardian", params={"token": token}, headers=OURS)
            assert page.status_code == 200
            assert "Nina Menor" in page.text
            assert page.headers["cache-control"] == "private, no-store"
        assert standing(minor) is ConsentStanding.GUARDIAN_ASKED

    def test_asked_again_both_mails_work_until_one_is_answered(self, asking: World, minor: Player) -> None:
        first, second = ask_marta(minor), ask_marta(minor)
        assert answer(asking, first) == 200
        assert answer(asking, second, "refused") == 410

    def test_another_guardian_replaces_the_first(self, asking: World, minor: Player) -> None:
        first = ask_marta(minor)
        second = ask_marta(minor, email="pedro@example.com")
        assert answer(asking, first) == 410
        assert answer(asking, second) == 200

    def test_one_who_refused_is_not_asked_again_but_another_is(self, asking: World, minor: Player) -> None:
        assert answer(asking, ask_marta(minor), "refused") == 200
        body = {"version": "2026-11-30", "guardian_name": "Marta", "guardian_email": MARTA}
        again = asking.client.post("/api/account/consent", json=body, headers=minor.headers)
        assert (again.status_code, again.json()["code"]) == (400, "guardian-answered")
        clip = minor.upload()
        assert answer(asking, ask_marta(minor, email="pedro@example.com")) == 200
        assert job_state(minor, clip.task_id) is JobState.QUEUED


def test_a_season_without_the_rule_releases_what_waits(asking: World, minor: Player) -> None:
    clip = minor.upload()
    asking.season()
    waiting.settle_all(asking.database, asking.ports, asking.settings)
    assert job_state(minor, clip.task_id) is JobState.QUEUED
