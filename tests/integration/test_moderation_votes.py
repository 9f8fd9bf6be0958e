"""Organizers review doubtful votes: what they see, release and void, alone and two at once."""

from collections.abc import Iterator, Sequence
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.fraud import service as fraud
from anb.fraud.doubts import Doubt
from anb.moderation import votes
from anb.moderation.votes_domain import VoteFilter
from support.browser_client import published
from support.commands import Anb, anb_on
from support.counting import seal
from support.judging import aged, cast, tied
from support.signalling import note, people, search
from support.worlds import OPERATOR, Player, World

PATH = "/api/admin/held-votes"


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def held(world: World) -> list[int]:
    with world.uow() as uow:
        return list(uow.execute(text("select vote_id from held_votes order by vote_id")).scalars())


def counted(world: World, clip: UUID) -> int:
    """Count what the ranking counts, once everything pending is sealed."""
    seal(world)
    with world.uow() as uow:
        found = uow.execute(text("select votes from clip_tallies where video_id = :clip"), {"clip": clip})
        return int(found.scalar_one())


def farm(world: World, clip: UUID, count: int = 12) -> list[int]:
    """Cast the votes of programs of one network; all but the first eight are held."""
    votes_cast = cast(world, aged(world, people(world, count)), [clip], device="", block="farm")
    seal(world)
    return votes_cast


def ask(world: World, organizer: Player, act: str, **body: object) -> Any:
    answer = world.client.post(f"{PATH}/{act}", json={"reason": "reviewed"} | body, headers=organizer.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["votes"]


def shown(world: World, organizer: Player, path: str = "") -> Any:
    answer = world.client.get(PATH + path, headers=organizer.headers | {"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def trail(world: World, organizer: Player, act: str) -> list[Any]:
    answer = world.client.get(f"/api/admin/audit?act={act}", headers=organizer.headers)
    return list(answer.json())


class TestShown:
    def test_a_clip_with_reasons_numbers_and_what_a_release_changes(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        other = published(world, world.player("Iván Mar"))
        cast(world, aged(world, people(world, 10)), [other])
        ids = farm(world, clip)
        [row] = shown(world, organizer)
        assert (row["video_id"], row["held"], row["votes"], row["newest"]) == (str(clip), 4, 8, ids[-1])
        assert (row["place"], row["place_released"]) == (2, 1)
        assert row["reasons"] == [
            {"kind": "block", "text": "Several programs of one network vote for the clip.", "votes": 4}
        ]

    def test_its_votes_come_in_pages_without_addresses(self, world: World, organizer: Player, clip: UUID) -> None:
        ids = farm(world, clip)
        rows = shown(world, organizer, f"/{clip}?limit=3")
        assert [row["vote_id"] for row in rows] == ids[:8:-1][:3]
        assert all(row["reasons"] == ["block"] and "email" not in row for row in rows)

    @pytest.mark.parametrize(("query", "clips"), [("?doubt=block", 1), ("?doubt=pace", 0)])
    def test_by_reason(self, world: World, organizer: Player, clip: UUID, query: str, clips: int) -> None:
        farm(world, clip)
        assert len(shown(world, organizer, query)) == clips


class TestHeld:
    def test_released_votes_count_and_are_not_held_again(self, world: World, organizer: Player, clip: UUID) -> None:
        ids = farm(world, clip)
        assert counted(world, clip) == 8
        assert [ask(world, organizer, "release", up_to=ids[-1]) for _ in range(2)] == [4, 0]
        assert counted(world, clip) == 12
        assert held(world) == []
        [entry] = trail(world, organizer, "votes_released")
        assert (entry["reason"], entry["target_kind"]) == ("reviewed", "votes")

    def test_void_votes_never_count(self, world: World, organizer: Player, clip: UUID) -> None:
        ids = farm(world, clip)
        assert [ask(world, organizer, "void", up_to=ids[-1], video_id=str(clip)) for _ in range(2)] == [4, 0]
        assert counted(world, clip) == 8
        assert held(world) == []
        assert ask(world, organizer, "release", up_to=ids[-1]) == 0
        assert len(trail(world, organizer, "votes_voided")) == 1

    def test_votes_that_are_held_after_the_list_was_seen_are_left_alone(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        newest = farm(world, clip)[-1]
        late = cast(world, aged(world, people(world, 2)), [clip], device="", block="farm")
        seal(world)
        assert ask(world, organizer, "release", up_to=newest) == 4
        assert held(world) == late

    def test_only_those_that_were_chosen(self, world: World, organizer: Player, clip: UUID) -> None:
        other = published(world, world.player("Iván Mar"))
        farm(world, clip)
        newest = farm(world, other)[-1]
        assert ask(world, organizer, "void", up_to=newest, doubt="pace") == 0
        assert ask(world, organizer, "void", up_to=newest, video_id=str(other)) == 4
        assert [row["video_id"] for row in shown(world, organizer)] == [str(clip)]

    @pytest.mark.parametrize("acts", [("release", "release"), ("release", "void"), ("void", "void")], ids="-".join)
    def test_two_organizers_at_once_settle_each_vote_once(
        self, world: World, clip: UUID, acts: tuple[str, str]
    ) -> None:
        farm(world, clip)
        done: list[int] = []

        def act(name: str) -> None:
            with world.uow() as uow:
                done.append(getattr(votes, name)(uow, OPERATOR, VoteFilter(), "reviewed"))

        together([Thread(target=act, args=(name,)) for name in acts])
        assert sorted(done) == [0, 4]
        assert counted(world, clip) in {8, 12}
        assert held(world) == []

    def test_an_act_that_dies_has_settled_nothing(self, world: World, clip: UUID) -> None:
        ids = farm(world, clip)
        with pytest.raises(ZeroDivisionError), world.uow() as uow:
            assert 1 // (votes.release(uow, OPERATOR, VoteFilter(), "reviewed") - 4)
        assert held(world) == ids[8:]
        with world.uow() as uow:
            assert uow.execute(text("select count(*) from released_votes")).scalar_one() == 0

    def test_a_reason_is_needed(self, world: World, organizer: Player) -> None:
        answer = world.client.post(f"{PATH}/void", json={"up_to": 1, "reason": " "}, headers=organizer.headers)
        assert answer.status_code == 400


class TestCluster:
    @pytest.fixture
    def found(self, world: World, clip: UUID) -> Any:
        """Cast six votes that count, by accounts that a search then ties to each other."""
        who = aged(world, people(world, 6))
        cast(world, who, [clip])
        seal(world)
        cluster_id = tied(world, who)
        with world.uow() as uow:
            return fraud.show_cluster(uow, cluster_id)

    def test_counted_votes_are_void_and_count_again(
        self, world: World, organizer: Player, clip: UUID, found: Any
    ) -> None:
        assert counted(world, clip) == 6
        path, body = f"/api/admin/clusters/{found.id}", {"grew_at": found.grew_at.isoformat(), "reason": "a farm"}
        answers = [world.client.post(f"{path}/void-votes", json=body, headers=organizer.headers) for _ in range(2)]
        assert [answer.json()["votes"] for answer in answers] == [6, 0]
        assert counted(world, clip) == 0
        again = {"reason": "a school"}
        answers = [world.client.post(f"{path}/restore-votes", json=again, headers=organizer.headers) for _ in range(2)]
        assert [answer.json()["votes"] for answer in answers] == [6, 0]
        assert counted(world, clip) == 6
        assert [len(trail(world, organizer, act)) for act in ("votes_voided", "votes_restored")] == [1, 1]

    def test_what_grew_since_it_was_seen_is_not_voided_unseen(
        self, world: World, organizer: Player, clip: UUID, found: Any
    ) -> None:
        note(world, people(world, 1), act="sign-in", device="farm")
        search(world)
        body = {"grew_at": found.grew_at.isoformat(), "reason": "a farm"}
        answer = world.client.post(f"/api/admin/clusters/{found.id}/void-votes", json=body, headers=organizer.headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "cluster-grew")
        assert counted(world, clip) == 6

    def test_votes_of_accounts_that_were_reviewed_stay(self, world: World, found: Any) -> None:
        with world.uow() as uow:
            fraud.release(uow, found, OPERATOR)
        with world.uow() as uow:
            assert votes.void_cluster(uow, OPERATOR, found, "late") == 0


class TestCommands:
    def test_held_votes_are_listed_released_and_voided(self, world: World, clip: UUID, anb: Anb) -> None:
        farm(world, clip)
        assert "4" in anb("fraud", "held").stdout
        assert "Void votes: 0." in anb("fraud", "void-votes", "--because", "pace", "--reason", "x", "--yes").stdout
        assert "Released votes: 4." in anb("fraud", "release-votes", "--reason", "a class", "--yes").stdout
        assert held(world) == []


def together(threads: Sequence[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_reasons_of_held_votes_are_known_words(world: World, clip: UUID) -> None:
    farm(world, clip)
    with world.uow() as uow:
        kept = set(uow.execute(text("select unnest(reasons) from held_votes")).scalars())
    assert kept <= {doubt.value for doubt in Doubt}
