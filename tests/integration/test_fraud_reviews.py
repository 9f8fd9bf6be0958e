"""Organizers review clusters: what they see, what they release, and what is doubtful again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from anb.audit.domain import AuditActor
from anb.fraud import service, store
from anb.fraud.domain import ClusterGrew
from support.browser_client import published
from support.commands import Anb, anb_on
from support.leaving import ranked
from support.signalling import MORNING, clusters, doubtful, note, people, search, share_mailbox
from support.worlds import Player, World

PATH = "/api/admin/clusters"


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def found(world: World, organizer: Player, query: str = "") -> Any:
    answer = world.client.get(PATH + query, headers=organizer.headers | {"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def release(world: World, organizer: Player, shown: Any) -> Any:
    body = {"grew_at": shown["grew_at"], "reason": "a school"}
    return world.client.post(f"{PATH}/{shown['id']}/release", json=body, headers=organizer.headers)


def six(world: World, device: str = "d1") -> list[UUID]:
    who = people(world, 6)
    note(world, who, device=device)
    search(world)
    return who


class TestShown:
    def test_a_cluster_is_listed_with_reasons_in_words_and_counts(self, world: World, organizer: Player) -> None:
        six(world)
        [cluster] = found(world, organizer)
        assert (cluster["members"], cluster["doubtful"], cluster["reviewed_at"]) == (6, 6, None)
        [reason] = cluster["reasons"]
        assert reason["text"] == "6 accounts were used on few devices (1)."
        assert (reason["kind"], reason["accounts"], reason["marks"]) == ("device", 6, 1)
        assert reason["first_seen"] == reason["last_seen"] == f"{MORNING:%Y-%m-%dT%H:%M:%SZ}"

    def test_its_accounts_come_in_pages_and_without_addresses(self, world: World, organizer: Player) -> None:
        who = six(world)
        with world.uow() as uow:
            uow.execute(text("update users set email = 'x@mailinator.com' where id = :id"), {"id": who[0]})
        [cluster] = found(world, organizer)
        path, accounts = f"/{cluster['id']}?limit=4", []
        while path:
            answer = world.client.get(PATH + path, headers=organizer.headers)
            accounts += answer.json()["accounts"]
            path = answer.links.get("next", {}).get("url", "").removeprefix(PATH)
        assert [each["account_id"] for each in accounts] == [str(each) for each in who]
        assert [each["disposable"] for each in accounts] == [True] + [False] * 5
        assert all(each["kinds"] == ["device"] and each["cleared_at"] is None for each in accounts)
        assert "@" not in answer.text

    def test_clusters_come_in_pages_newest_first(self, world: World, organizer: Player) -> None:
        for number in range(3):
            six(world, f"d{number}")
        first = world.client.get(f"{PATH}?limit=2", headers=organizer.headers)
        rest = world.client.get(first.links["next"]["url"], headers=organizer.headers)
        ids = [each["id"] for each in first.json() + rest.json()]
        assert ids == sorted(map(str, clusters(world)), reverse=True)
        assert first.headers["x-total-count"] == "3"

    def test_an_unknown_cluster_is_missing(self, world: World, organizer: Player) -> None:
        assert world.client.get(f"{PATH}/{uuid4()}", headers=organizer.headers).status_code == 404


class TestReleased:
    def test_its_accounts_are_fine_and_it_leaves_the_list(self, world: World, organizer: Player) -> None:
        six(world)
        [cluster] = found(world, organizer)
        answers = [release(world, organizer, cluster).json()["accounts"] for _ in range(2)]
        assert answers == [6, 0]
        assert found(world, organizer) == []
        [trail] = world.client.get("/api/admin/audit?act=cluster_released&limit=1", headers=organizer.headers).json()
        assert (trail["target_id"], trail["reason"]) == (cluster["id"], "a school")
        [kept] = found(world, organizer, "?reviewed=true")
        assert kept["doubtful"] == 0
        assert kept["reviewed_at"] is not None

    def test_they_stay_fine_while_the_same_evidence_comes_again(self, world: World, organizer: Player) -> None:
        who = six(world)
        release(world, organizer, found(world, organizer)[0])
        note(world, who, act="vote", device="d1", at=MORNING + timedelta(days=2))
        search(world)
        assert doubtful(world) == set()

    def test_a_new_account_alone_is_suspect(self, world: World, organizer: Player) -> None:
        six(world)
        release(world, organizer, found(world, organizer)[0])
        [late] = people(world, 1)
        note(world, [late], device="d1")
        search(world)
        assert doubtful(world) == {late}
        assert [(each["members"], each["doubtful"]) for each in found(world, organizer)] == [(7, 1)]

    def test_new_evidence_makes_those_suspect_whom_it_is_about(self, world: World, organizer: Player) -> None:
        who = six(world)
        release(world, organizer, found(world, organizer)[0])
        share_mailbox(world, who[:4], "m1")
        search(world)
        assert doubtful(world) == set(who[:4])

    def test_what_grew_since_it_was_seen_is_not_released_unseen(self, world: World, organizer: Player) -> None:
        six(world)
        [cluster] = found(world, organizer)
        note(world, people(world, 1), device="d1")
        search(world)
        answer = release(world, organizer, cluster)
        assert (answer.status_code, answer.json()["code"]) == (409, "cluster-grew")
        assert len(doubtful(world)) == 7

    def test_a_release_waits_for_a_search_and_then_sees_what_it_found(self, world: World) -> None:
        who = six(world)
        with world.uow() as uow:
            seen = service.show_cluster(uow, next(iter(clusters(world))))
        with world.uow() as searching:
            assert store.elect(searching)
            with world.uow() as other:
                assert not store.elect(other)
        share_mailbox(world, who[:4], "m1")
        search(world)
        with pytest.raises(ClusterGrew), world.uow() as uow:
            service.release(uow, seen, AuditActor("olga"))

    def test_votes_count_as_before_whatever_becomes_of_a_cluster(self, world: World, organizer: Player) -> None:
        clip, who = published(world, world.player()), six(world)
        for each in who:
            token = world.bearer(each)
            assert world.client.post(f"/api/public/videos/{clip}/vote", headers=token).status_code == 200
        before = ranked(world)
        assert before[0][1] == 6
        search(world)
        release(world, organizer, found(world, organizer)[0])
        assert ranked(world) == before


class TestCommands:
    def test_an_operator_searches_lists_shows_and_releases(self, world: World, anb: Anb) -> None:
        note(world, people(world, 6), device="d1")
        assert "New clusters: 1; accounts that were in none: 6." in anb("fraud", "search").stdout
        [cluster] = clusters(world)
        assert str(cluster) in anb("fraud", "clusters").stdout
        shown = anb("fraud", "show", cluster).stdout
        assert "6 accounts, 6 doubtful." in shown
        assert "6 accounts were used on few devices (1)." in shown
        assert (
            anb("fraud", "release", cluster, "--yes").stdout == f"Reviewed as fine: 6 accounts of cluster {cluster}.\n"
        )
        assert str(cluster) not in anb("fraud", "clusters").stdout
        assert str(cluster) in anb("fraud", "clusters", "--all").stdout

    def test_without_yes_it_asks(self, world: World, anb: Anb) -> None:
        six(world)
        [cluster] = clusters(world)
        assert anb("fraud", "release", cluster).exit_code == 1
        assert len(doubtful(world)) == 6
