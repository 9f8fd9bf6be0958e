"""Every act of moderation on a clip in every state; what a take-down removes; acts at the same moment."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.adapters.storage.disk import SharedDisk
from anb.storage import service as storage
from anb.videos.verdict import ClipState, RefusalReason
from support.browser_client import browser_client
from support.commands import Anb, anb_on
from support.leaving import close, erase, everywhere, ranked, vote, votes_of
from support.moderating import acts_on, clip_in, clip_mails, moderate, moderated_owner, seen_by, state_of
from support.worlds import Player, World

# For each state: the status of the answer, and the state that follows.
UNEDITED, FAILED, WAITING, PUBLIC, HIDDEN, REFUSED, WITHDRAWN, TAKEN_DOWN = ClipState
TABLE = {
    "approve": {
        UNEDITED: (409, UNEDITED), FAILED: (409, FAILED), WAITING: (200, PUBLIC), PUBLIC: (200, PUBLIC),
        HIDDEN: (200, PUBLIC), REFUSED: (409, REFUSED), WITHDRAWN: (404, WITHDRAWN), TAKEN_DOWN: (404, TAKEN_DOWN),
    },
    "refuse": {
        UNEDITED: (409, UNEDITED), FAILED: (409, FAILED), WAITING: (200, REFUSED), PUBLIC: (409, PUBLIC),
        HIDDEN: (409, HIDDEN), REFUSED: (200, REFUSED), WITHDRAWN: (404, WITHDRAWN), TAKEN_DOWN: (404, TAKEN_DOWN),
    },
    "reverse-refusal": {
        UNEDITED: (409, UNEDITED), FAILED: (409, FAILED), WAITING: (200, WAITING), PUBLIC: (409, PUBLIC),
        HIDDEN: (409, HIDDEN), REFUSED: (200, WAITING), WITHDRAWN: (404, WITHDRAWN), TAKEN_DOWN: (404, TAKEN_DOWN),
    },
    "hide": {
        UNEDITED: (404, UNEDITED), FAILED: (404, FAILED), WAITING: (404, WAITING), PUBLIC: (200, HIDDEN),
        HIDDEN: (200, HIDDEN), REFUSED: (404, REFUSED), WITHDRAWN: (404, WITHDRAWN), TAKEN_DOWN: (404, TAKEN_DOWN),
    },
    "take-down": {
        UNEDITED: (200, TAKEN_DOWN), FAILED: (200, TAKEN_DOWN), WAITING: (200, TAKEN_DOWN), PUBLIC: (200, TAKEN_DOWN),
        HIDDEN: (200, TAKEN_DOWN), REFUSED: (200, TAKEN_DOWN), WITHDRAWN: (404, WITHDRAWN),
        TAKEN_DOWN: (200, TAKEN_DOWN),
    },
}  # fmt: skip


@pytest.fixture
def owner(world: World) -> Player:
    return moderated_owner(world)


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


@pytest.mark.parametrize("verb", TABLE)
def test_each_act_does_in_each_state_what_the_table_says(
    world: World, owner: Player, organizer: Player, verb: str
) -> None:
    assert TABLE[verb].keys() == set(ClipState)
    for state, (status, then) in TABLE[verb].items():
        clip = clip_in(world, owner, organizer, state)
        before = len(acts_on(world, clip))
        for _ in range(2):  # repeated, it is harmless, or refused again
            assert (moderate(world, organizer, clip, verb), state_of(world, clip)) in {
                (status, then),
                *([TABLE[verb][then]] if then is not state else []),
            }, state
        assert state_of(world, clip) is then, state
        assert len(acts_on(world, clip)) == before + (then is not state), state


class TestTakenDown:
    def test_its_files_go_its_votes_stay_and_are_void(self, world: World, owner: Player, organizer: Player) -> None:
        clip = clip_in(world, owner, organizer, PUBLIC)
        vote(world, world.player("Ana Paz"), clip)
        assert moderate(world, organizer, clip, "take-down") == 200
        assert world.files() == []
        assert votes_of(world, clip) == [(True, "taken_down")]
        assert ranked(world) == []
        assert clip_mails(world, owner) == ["video_ready", "video_taken_down"]
        assert seen_by(world, owner)["taken_down_at"]
        with browser_client(world, owner) as browser:
            assert "Se ven otras personas" in browser.get("/me").text
            assert browser.get(f"/videos/{clip}").status_code == 404

    def test_after_the_close_the_count_stays(self, world: World, owner: Player, organizer: Player) -> None:
        clip = clip_in(world, owner, organizer, PUBLIC)
        vote(world, world.player("Ana Paz"), clip)
        close(world)
        assert moderate(world, organizer, clip, "take-down") == 200
        assert votes_of(world, clip) == [(False, None)]
        assert world.files() == []
        assert ranked(world) == [("lucia.rios", 1)]

    def test_it_needs_to_be_confirmed(self, world: World, owner: Player, organizer: Player) -> None:
        clip = clip_in(world, owner, organizer, PUBLIC)
        for body in ({"confirm": False}, {"confirm": None}, {"reason": "because"}):
            assert moderate(world, organizer, clip, "take-down", **body) == 400
        assert state_of(world, clip) is PUBLIC

    def test_a_process_that_dies_before_the_files_are_gone_loses_none(
        self, world: World, owner: Player, organizer: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clip = clip_in(world, owner, organizer, PUBLIC)
        with monkeypatch.context() as dying:
            dying.setattr(SharedDisk, "delete", lambda *_: None)  # as if it died after the commit
            assert moderate(world, organizer, clip, "take-down") == 200
        assert world.files() != []
        with world.database.reading() as uow:
            assert storage.count_doomed(uow) == len(world.files())
        storage.delete_doomed(world.database, world.ports)
        assert world.files() == []

    def test_an_edit_under_way_is_not_shown(self, world: World, owner: Player, organizer: Player) -> None:
        upload = owner.upload()
        assert moderate(world, organizer, upload.video_id, "take-down") == 200
        with world.uow() as uow:
            states = uow.execute(text("select state from jobs")).scalars().all()
        assert list(states) == ["cancelled"]
        assert world.files() == []

    def test_an_erasure_takes_the_words_along(self, world: World, owner: Player, organizer: Player) -> None:
        never, once = (clip_in(world, owner, organizer, state) for state in (WAITING, PUBLIC))
        for clip in (never, once):
            assert moderate(world, organizer, clip, "take-down", text="Sale Nicolás") == 200
        erase(world, owner)
        assert "Nicolás" not in everywhere(world)


class TestSameMoment:
    def test_of_an_approval_and_a_refusal_one_wins(self, world: World, owner: Player, organizer: Player) -> None:
        for _ in range(5):
            clip = clip_in(world, owner, organizer, WAITING)
            verbs = ("approve", "refuse")
            answers: dict[str, int] = {}

            def act(verb: str, clip: UUID = clip, answers: dict[str, int] = answers) -> None:
                answers[verb] = moderate(world, organizer, clip, verb)

            _at_once([threading.Thread(target=act, args=(verb,)) for verb in verbs])
            assert sorted(answers.values()) == [200, 409]
            winner = next(verb for verb in verbs if answers[verb] == 200)
            assert state_of(world, clip) is (PUBLIC if winner == "approve" else REFUSED)
            assert len(acts_on(world, clip)) == 1

    def test_a_vote_comes_before_a_take_down_and_is_void_or_finds_no_clip(
        self, world: World, owner: Player, organizer: Player
    ) -> None:
        clip = clip_in(world, owner, organizer, PUBLIC)
        voters = [world.player(f"Votante V{n}") for n in range(6)]
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda each=each: answers.append(vote(world, each, clip))) for each in voters
        ]
        threads.insert(3, threading.Thread(target=moderate, args=(world, organizer, clip, "take-down")))
        _at_once(threads)
        assert set(answers) <= {200, 404}
        assert votes_of(world, clip) == [(True, "taken_down")] * answers.count(200)


def _at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_operators_do_the_same_by_commands(world: World, owner: Player, organizer: Player, anb: Anb) -> None:
    clip = clip_in(world, owner, organizer, WAITING)
    assert anb("moderation", "refuse", clip, "--reason", "title", "--text", "Nombra un colegio").exit_code == 0
    assert "Nombra un colegio" in anb("moderation", "list", "--refused").stdout
    assert anb("moderation", "reverse-refusal", clip).exit_code == 0
    assert state_of(world, clip) is WAITING
    take_down = ("moderation", "take-down", clip, "--reason", RefusalReason.COPIED.value)
    assert anb(*take_down).exit_code != 0  # it asks, and gets no answer
    assert state_of(world, clip) is WAITING
    assert anb(*take_down, "--yes").exit_code == 0
    assert str(clip) in anb("moderation", "list", "--taken-down", "--json").stdout
    assert world.files() == []
