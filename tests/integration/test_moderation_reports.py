"""Reports of people: who counts as another person, what organizers get to see, and what no flood of reports can do."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.moderation import reports
from anb.moderation.domain import NewReport, ReportReason, count_independent
from anb.privacy import retention
from anb.privacy.archive import gather
from anb.privacy.retention import RetentionRun
from anb.signals.domain import Trace
from anb.videos.verdict import ClipState
from support.browser_client import OURS, browser_client, published
from support.callers import calling
from support.commands import Anb, anb_on
from support.leaving import erase, everywhere, withdraw
from support.moderating import acts_on, confirm, moderate, state_of
from support.worlds import Player, World


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def tell(
    world: World, clip: UUID, who: Player | None, *, device: str = "", block: str = "", why: str = "offensive"
) -> None:
    with world.uow() as uow:
        trace = Trace(device or None, block or None)
        new = NewReport(clip, who.id if who else None, ReportReason(why), "Lo dice Nicolás", trace)
        reports.report(uow, world.settings, new)


def people(world: World, count: int, *, confirmed: bool = True) -> list[Player]:
    found = [world.player(f"Persona P{n}") for n in range(count)]
    if confirmed:
        for each in found:
            confirm(world, each)
    return found


def due(world: World, organizer: Player) -> list[str]:
    answer = world.client.get("/api/admin/reports", headers=organizer.headers)
    return [row["clip"]["video_id"] for row in answer.json()]


def count(world: World, where: str = "true") -> int:
    with world.uow() as uow:
        return int(uow.execute(text(f"select count(*) from reports where {where}")).scalar_one())  # noqa: S608


def test_reports_that_share_something_by_way_of_others_are_of_one_person() -> None:
    marks = [{"a"}, {"b"}, {"a", "c"}, {"c", "b"}, {"d"}]
    assert count_independent(map(frozenset, marks)) == 2


class TestQueue:
    def test_enough_independent_people_put_a_clip_before_the_organizers(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        first, second, third = people(world, 3)
        tell(world, clip, first, device="one")
        tell(world, clip, second, device="one")  # another account on the same device
        tell(world, clip, None, block="home")
        assert due(world, organizer) == []
        tell(world, clip, third, block="school")
        assert due(world, organizer) == [str(clip)]
        assert state_of(world, clip) is ClipState.PUBLIC
        shown = world.client.get(f"/api/admin/moderation/{clip}/reports", headers=organizer.headers).json()
        assert next((row["reporter_id"], row["words"]) for row in shown) == (str(third.id), "Lo dice Nicolás")

    def test_the_queue_goes_on_by_link_oldest_first(self, world: World, organizer: Player, clip: UUID) -> None:
        clips = [clip, *(published(world, world.player(f"Nora N{n}")) for n in range(2))]
        for each in clips:
            tell(world, each, None, block="home", why="minor-at-risk")
        first = world.client.get("/api/admin/reports?limit=2", headers=organizer.headers)
        onward = first.headers["link"].partition(">")[0].lstrip("<")
        rows = first.json() + world.client.get(onward, headers=organizer.headers).json()
        assert [row["clip"]["video_id"] for row in rows] == [str(each) for each in clips]

    def test_one_report_of_a_minor_at_risk_is_enough(self, world: World, organizer: Player, clip: UUID) -> None:
        tell(world, clip, None, block="home", why="minor-at-risk")
        assert due(world, organizer) == [str(clip)]
        assert state_of(world, clip) is ClipState.PUBLIC

    def test_an_account_counts_once_and_so_does_a_network_without_one(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        (person,) = people(world, 1)
        for n in range(5):
            tell(world, clip, person, device=f"d{n}")
            tell(world, clip, None, block="home", device=f"e{n}")
            tell(world, clip, None)  # nothing is known: all of them are one
        assert count(world, "reporter_id is not null") == 1
        assert count(world, "block = 'home'") == 1
        assert due(world, organizer) == [str(clip)]  # the account, the network, and the unknown

    def test_of_reports_at_the_same_moment_one_puts_it_there(self, world: World, organizer: Player, clip: UUID) -> None:
        found = people(world, 6)
        threads = [
            threading.Thread(target=tell, args=(world, clip, each), kwargs={"device": str(each.id)}) for each in found
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert count(world) == 6
        assert due(world, organizer) == [str(clip)]


class TestDecided:
    @pytest.fixture
    def reported(self, world: World, clip: UUID) -> UUID:
        for each in people(world, 3):
            tell(world, clip, each, device=str(each.id))
        return clip

    def test_dismissed_they_leave_the_queue_and_it_is_recorded_once(
        self, world: World, organizer: Player, reported: UUID
    ) -> None:
        for _ in range(2):
            address = f"/api/admin/moderation/{reported}/dismiss-reports"
            assert world.client.post(address, json={}, headers=organizer.headers).status_code == 200
        assert due(world, organizer) == []
        assert count(world, "outcome = 'dismissed'") == 3
        assert acts_on(world, reported) == [("reports_dismissed", "")]

    @pytest.mark.parametrize("verb", ["hide", "take-down"])
    def test_an_act_on_the_clip_closes_them(self, world: World, organizer: Player, reported: UUID, verb: str) -> None:
        assert moderate(world, organizer, reported, verb) == 200
        assert due(world, organizer) == []
        assert count(world, "outcome = 'acted'") == 3

    def test_a_clip_that_its_owner_withdrew_needs_no_decision(
        self, world: World, organizer: Player, reported: UUID
    ) -> None:
        with world.uow() as uow:
            owner_id = uow.execute(text("select owner_id from videos")).scalar_one()
        owner = world.player("Otra Persona")
        owner.headers = world.bearer(owner_id)
        assert withdraw(world, owner, reported)[0] == 200
        assert due(world, organizer) == []

    def test_operators_do_the_same_by_commands(self, reported: UUID, anb: Anb) -> None:
        assert str(reported) in anb("moderation", "reported").stdout
        assert anb("moderation", "dismiss-reports", reported).exit_code == 0
        assert "0 of 0" in anb("moderation", "reported").stdout


class TestHiding:
    @pytest.fixture
    def clip(self, world: World) -> UUID:
        world.season(hide_reported=True)
        return published(world, world.player())

    def test_enough_confirmed_people_hide_it_by_the_rule_of_the_season(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        for each in people(world, 3):
            assert state_of(world, clip) is ClipState.PUBLIC
            tell(world, clip, each, device=str(each.id))
        assert state_of(world, clip) is ClipState.HIDDEN
        assert acts_on(world, clip) == [("clip_hidden", "")]
        assert due(world, organizer) == [str(clip)]

    def test_people_without_a_confirmed_address_do_not(self, world: World, organizer: Player, clip: UUID) -> None:
        for each in people(world, 4, confirmed=False):
            tell(world, clip, each, device=str(each.id))
        for n in range(4):
            tell(world, clip, None, block=f"network {n}", why="minor-at-risk")
        assert due(world, organizer) == [str(clip)]
        assert state_of(world, clip) is ClipState.PUBLIC

    def test_what_organizers_found_right_no_flood_of_reports_hides_again(
        self, world: World, organizer: Player, clip: UUID
    ) -> None:
        found = people(world, 7)
        for each in found[:3]:
            tell(world, clip, each, device=str(each.id))
        assert moderate(world, organizer, clip, "approve") == 200
        for each in found[3:]:
            tell(world, clip, each, device=str(each.id))
        assert state_of(world, clip) is ClipState.PUBLIC
        assert due(world, organizer) == [str(clip)]


class TestPeople:
    def test_a_program_and_a_page_get_the_same_answer_however_often(self, world: World, clip: UUID) -> None:
        (person,) = people(world, 1)
        body = {"reason": "copied", "text": ""}
        for _ in range(2):
            answer = world.client.post(f"/api/public/videos/{clip}/report", json=body, headers=person.headers)
            assert (answer.status_code, answer.json()["video_id"]) == (202, str(clip))
        with browser_client(world) as visitor:
            assert f"/videos/{clip}/report" in visitor.get(f"/videos/{clip}").text
            assert "minor-at-risk" in visitor.get(f"/videos/{clip}/report").text
            wrong = visitor.post(f"/videos/{clip}/report", data={"reason": ""}, headers=OURS)
            assert wrong.status_code == 400
            sent = visitor.post(f"/videos/{clip}/report", data=body, headers=OURS)
            assert "Gracias" in sent.text
        assert count(world) == 2

    def test_what_is_not_public_cannot_be_reported(self, world: World, organizer: Player, clip: UUID) -> None:
        moderate(world, organizer, clip, "hide")
        answer = world.client.post(f"/api/public/videos/{clip}/report", json={"reason": "other"})
        assert answer.status_code == 404

    def test_a_network_without_an_account_has_the_stronger_limit(self, world: World, clip: UUID) -> None:
        with calling(world, "198.51.100.7") as stranger:
            answers = [
                stranger.post(f"/api/public/videos/{clip}/report", json={"reason": "other"}).status_code
                for _ in range(6)
            ]
        assert answers == [202] * 5 + [429]
        assert count(world) == 1

    def test_an_erasure_takes_the_person_and_their_words(self, world: World, clip: UUID) -> None:
        (person,) = people(world, 1)
        tell(world, clip, person, device="d", block="b")
        with world.uow() as uow:
            assert gather(uow, person.id)["reports"][0]["words"] == "Lo dice Nicolás"
        erase(world, person)
        assert count(world, "reporter_id is null and words = '' and device = '' and block = ''") == 1
        assert "Nicolás" not in everywhere(world)

    def test_old_reports_are_deleted_and_their_traces_earlier(self, world: World, clip: UUID) -> None:
        for block in ("new", "older", "oldest"):
            tell(world, clip, None, block=block)
        with world.uow() as uow:
            for block, days in (("older", 31), ("oldest", 366)):
                aged = "update reports set made_at = now() - make_interval(days => :d) where block = :b"
                uow.execute(text(aged), {"d": days, "b": block})
        run = RetentionRun(world.database, world.ports, world.settings)
        assert retention.run(run)["reports"] == 2
        assert (count(world), count(world, "block = 'new'"), count(world, "block = ''")) == (2, 1, 1)
