"""Moderation: clips that wait are published, public ones hidden and restored, and each act is recorded once."""

import threading
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anb.audit import service as audit
from anb.audit.domain import AuditFilter
from anb.db.paging import Page
from anb.media.renditions import Rendition
from support.browser_client import browser_client, published
from support.commands import Anb, anb_on
from support.leaving import ranked, vote, votes_of, withdraw
from support.publishing import publish
from support.worlds import Player, World

WHY = {"reason": "Se ve a un menor"}


@pytest.fixture
def owner(world: World) -> Player:
    return world.player()


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def clip(world: World, owner: Player) -> UUID:
    return published(world, owner)


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def act(world: World, organizer: Player, clip: UUID, verb: str) -> int:
    body = WHY if verb == "hide" else {}
    address = f"/api/admin/moderation/{clip}/{verb}"
    return world.client.post(address, json=body, headers=organizer.headers).status_code


def listed(world: World, organizer: Player, state: str) -> list[str]:
    answer = world.client.get(f"/api/admin/moderation?state={state}", headers=organizer.headers)
    return [row["video_id"] for row in answer.json()]


def is_public(world: World, clip: UUID) -> bool:
    shown = [row["video_id"] for row in world.client.get("/api/public/videos").json()]
    answer = world.client.get(f"/api/videos/{clip}/{Rendition.PROCESSED}")
    with browser_client(world) as visitor:
        page = visitor.get(f"/videos/{clip}").status_code
    assert (answer.status_code == 200) == (page == 200) == (str(clip) in shown)
    return str(clip) in shown


def acts(world: World) -> list[tuple[str, str | None]]:
    with world.database.reading() as uow:
        found = audit.list_entries(uow, AuditFilter(), Page(100)).rows
        audit.verify(uow)
    return [(entry.what.act, entry.reason) for entry in found if entry.what.act.startswith("clip_")]


class TestWaiting:
    def test_a_clip_of_a_moderated_season_waits_until_it_is_approved(
        self, world: World, owner: Player, organizer: Player
    ) -> None:
        world.season(moderated=True)
        first, second = owner.upload(), owner.upload()
        for upload in (first, second):
            publish(world, upload)
        assert listed(world, organizer, "waiting") == [str(first.video_id), str(second.video_id)]
        assert not is_public(world, first.video_id)
        for _ in range(2):  # a repeated click
            assert act(world, organizer, first.video_id, "approve") == 200
        assert is_public(world, first.video_id)
        assert listed(world, organizer, "waiting") == [str(second.video_id)]
        assert acts(world) == [("clip_approved", "")]

    def test_pages_follow_each_other(self, world: World, owner: Player, organizer: Player) -> None:
        world.season(moderated=True)
        uploads = [owner.upload() for _ in range(3)]
        for upload in uploads:
            publish(world, upload)
        first = world.client.get("/api/admin/moderation?limit=2", headers=organizer.headers)
        onward = first.headers["link"].partition(">")[0].lstrip("<")
        rows = first.json() + world.client.get(onward, headers=organizer.headers).json()
        assert [row["video_id"] for row in rows] == [str(upload.video_id) for upload in uploads]

    def test_a_clip_without_an_edit_is_not_published(self, world: World, owner: Player, organizer: Player) -> None:
        assert act(world, organizer, owner.upload().video_id, "approve") == 409


class TestHidden:
    def test_no_one_sees_a_hidden_clip_but_its_owner(
        self, world: World, owner: Player, organizer: Player, clip: UUID
    ) -> None:
        for _ in range(2):
            assert act(world, organizer, clip, "hide") == 200
        assert not is_public(world, clip)
        assert world.client.get(f"/api/videos/{clip}", headers=owner.headers).json()["published_at"] is None
        assert listed(world, organizer, "hidden") == [str(clip)]
        assert acts(world) == [("clip_hidden", WHY["reason"])]

    def test_votes_rest_while_it_is_hidden_and_count_again_afterwards(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        vote(world, world.player("Ana Paz"), clip)
        before = ranked(world)
        act(world, organizer, clip, "hide")
        assert ranked(world) == []
        late = world.client.post(f"/api/public/videos/{clip}/vote", headers=world.player("Iván Mar").headers)
        assert late.status_code == 404
        act(world, organizer, clip, "approve")
        assert ranked(world) == before
        assert len(votes_of(world, clip)) == 1

    def test_its_owner_cannot_delete_it_but_withdraws_it_for_good(
        self, world: World, owner: Player, organizer: Player, clip: UUID
    ) -> None:
        act(world, organizer, clip, "hide")
        assert world.client.delete(f"/api/videos/{clip}", headers=owner.headers).status_code == 400
        assert withdraw(world, owner, clip)[0] == 200
        assert act(world, organizer, clip, "approve") == 404

    def test_it_needs_a_reason(self, world: World, organizer: Player, clip: UUID) -> None:
        for body in ({}, {"reason": "  "}, {"reason": "x" * 501}):
            address = f"/api/admin/moderation/{clip}/hide"
            assert world.client.post(address, json=body, headers=organizer.headers).status_code == 400
        assert is_public(world, clip)

    def test_what_never_was_public_cannot_be_hidden(self, world: World, owner: Player, organizer: Player) -> None:
        assert act(world, organizer, owner.upload().video_id, "hide") == 404
        assert act(world, organizer, uuid4(), "hide") == 404

    def test_of_acts_at_the_same_moment_each_change_is_recorded_once(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        threads = [threading.Thread(target=act, args=(world, organizer, clip, "hide")) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert acts(world) == [("clip_hidden", WHY["reason"])]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=st.lists(st.sampled_from(["approve", "hide", "withdraw"]), max_size=5))
def test_any_order_of_acts_ends_as_the_state_machine_says(
    world: World, owner: Player, organizer: Player, verbs: list[str]
) -> None:
    clip, state, before = published(world, owner), "public", len(acts(world))
    changes = 0
    for verb in verbs:
        wanted = {"approve": "public", "hide": "hidden", "withdraw": "withdrawn"}[verb]
        status = withdraw(world, owner, clip)[0] if verb == "withdraw" else act(world, organizer, clip, verb)
        assert (status == 200) == (state != "withdrawn" or verb == "withdraw")
        if state not in ("withdrawn", wanted):
            changes += verb != "withdraw"
            state = wanted
        assert is_public(world, clip) == (state == "public")
    assert len(acts(world)) == before + changes


def test_operators_do_the_same_by_commands(world: World, clip: UUID, anb: Anb) -> None:
    assert anb("moderation", "hide", clip, "--reason", "Copiado").exit_code == 0
    assert not is_public(world, clip)
    assert str(clip) in anb("moderation", "list", "--hidden").stdout
    assert str(clip) in anb("moderation", "list", "--hidden", "--json").stdout
    assert anb("moderation", "approve", clip).exit_code == 0
    assert is_public(world, clip)
    assert [reason for _, reason in acts(world)] == ["", "Copiado"]
