"""What a refused clip is for its player: why, what they may do then, and what they are told of other clips."""

import pytest

from anb.videos import service as videos
from anb.videos.verdict import ClipState
from support.browser_client import browser_client
from support.inbox import inbox
from support.moderating import acts_on, clip_in, clip_mails, moderate, moderated_owner, seen_by, state_of
from support.publishing import publish
from support.worlds import AcceptedClip, Player, World

WAITING, REFUSED = ClipState.WAITING, ClipState.REFUSED


@pytest.fixture
def owner(world: World) -> Player:
    return moderated_owner(world)


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


class TestRefused:
    def test_the_player_reads_why_in_the_list_on_the_page_and_by_mail(
        self, world: World, owner: Player, organizer: Player
    ) -> None:
        clip = clip_in(world, owner, organizer, REFUSED)
        why = "Se ven otras personas que no han dado su permiso. Se ve a tu hermana."
        assert seen_by(world, owner)["reason"] == why
        assert seen_by(world, owner)["refused_at"]
        english = world.client.get(f"/api/videos/{clip}", headers=owner.headers | {"Accept-Language": "en"}).json()
        assert english["reason"].startswith("It shows other people who did not give their permission.")
        (mail,) = [mail for mail in inbox(world, owner.email) if mail.kind.startswith("video_")]
        assert (mail.kind, mail.facts["reason"], mail.path) == ("video_refused", why, "/me")
        with browser_client(world, owner) as browser:
            for page in ("/me", f"/videos/{clip}"):
                assert why in browser.get(page).text, page
        assert acts_on(world, clip) == [("clip_refused", "Se ve a tu hermana.")]

    def test_nobody_else_sees_it_and_its_owner_may_delete_it(
        self, world: World, owner: Player, organizer: Player
    ) -> None:
        clip = clip_in(world, owner, organizer, REFUSED)
        with browser_client(world, world.player("Ana Paz")) as visitor:
            assert visitor.get(f"/videos/{clip}").status_code == 404
        assert world.client.delete(f"/api/videos/{clip}", headers=owner.headers).status_code == 200
        assert world.files() == []

    def test_it_does_not_count_among_the_clips_a_player_may_have(self, world: World, organizer: Player) -> None:
        world.season(moderated=True, clips_per_player=1)
        owner = world.player()
        first = clip_in(world, owner, organizer, REFUSED)
        second = clip_in(world, owner, organizer, WAITING)
        assert moderate(world, organizer, first, "reverse-refusal") == 400  # the second one took its place
        assert moderate(world, organizer, second, "refuse") == 200
        assert moderate(world, organizer, first, "reverse-refusal") == 200
        assert (state_of(world, first), state_of(world, second)) == (WAITING, REFUSED)

    def test_a_reversed_refusal_is_told_again_when_it_is_refused_again(
        self, world: World, owner: Player, organizer: Player
    ) -> None:
        clip = clip_in(world, owner, organizer, REFUSED)
        for verb in ("reverse-refusal", "refuse", "reverse-refusal", "approve"):
            assert moderate(world, organizer, clip, verb) == 200
        assert sorted(clip_mails(world, owner)) == ["video_ready", "video_refused", "video_refused"]
        assert "reason" not in seen_by(world, owner)
        assert [act for act, _ in acts_on(world, clip)] == [
            "clip_approved", "refusal_reversed", "clip_refused", "refusal_reversed", "clip_refused",
        ]  # fmt: skip

    def test_a_new_edit_does_not_publish_it(self, world: World, owner: Player, organizer: Player) -> None:
        clip = clip_in(world, owner, organizer, REFUSED)
        with world.uow() as uow:
            videos.reedit(uow, world.ports, older_than=None, every=0)
        publish(world, AcceptedClip(clip, world.queue.sent[-1]))
        assert state_of(world, clip) is REFUSED


def test_a_player_is_told_that_a_clip_is_ready_once_everyone_may_watch_it(
    world: World, owner: Player, organizer: Player
) -> None:
    clip = clip_in(world, owner, organizer, WAITING)
    assert clip_mails(world, owner) == []
    for verb in ("approve", "approve", "hide", "approve"):
        moderate(world, organizer, clip, verb)
    assert clip_mails(world, owner) == ["video_ready"]
