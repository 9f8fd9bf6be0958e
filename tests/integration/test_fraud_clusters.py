"""Which accounts are a cluster, and which are not: mailboxes, devices, bursts of sign-ups."""

import itertools
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from anb.fraud import service, store
from anb.fraud.domain import Growth, Tie
from anb.settings.fraud import FraudSettings
from support.signalling import MORNING, clusters, note, people, search, share_mailbox
from support.worlds import World

DAY = timedelta(days=1)


def reasons(world: World) -> list[tuple[str, int, int]]:
    with world.uow() as uow:
        rows = uow.execute(text("select kind, accounts, marks from cluster_reasons order by kind"))
        return [tuple(row) for row in rows]


class TestTies:
    def test_four_addresses_of_one_mailbox(self, world: World) -> None:
        same, other = people(world, 4), people(world, 3)
        share_mailbox(world, same, "m1")
        share_mailbox(world, other, "m2")
        assert search(world) == Growth(clusters=1, members=4)
        assert [*clusters(world).values()] == [set(same)]
        assert reasons(world) == [("mailbox", 4, 1)]

    def test_six_accounts_on_one_device_whatever_they_did_there(self, world: World) -> None:
        same, other = people(world, 6), people(world, 5)
        for who, act in zip(same, itertools.cycle(("sign-up", "sign-in", "vote")), strict=False):
            note(world, [who], act=act, device="d1", block="b1")
        note(world, other, device="d2", block="b1")
        search(world)
        assert [*clusters(world).values()] == [set(same)]

    def test_a_burst_of_sign_ups_from_one_block_without_devices(self, world: World) -> None:
        burst, late, elsewhere = people(world, 20), people(world, 1), people(world, 5)
        note(world, burst, act="sign-up", block="b1", every=3600 / 19)  # the last one ends the hour
        note(world, late, act="sign-up", block="b1", at=MORNING + DAY)
        note(world, elsewhere, act="sign-up", block="b2", every=1)
        search(world)
        assert [*clusters(world).values()] == [set(burst)]

    def test_the_same_number_in_a_longer_time_is_no_burst(self, world: World) -> None:
        note(world, people(world, 20), act="sign-up", block="b1", every=200)
        assert search(world) == Growth(0, 0)

    def test_two_bursts_of_one_block_are_two_clusters(self, world: World) -> None:
        first, second = people(world, 20), people(world, 20)
        note(world, first, act="sign-up", block="b1", every=1)
        note(world, second, act="sign-up", block="b1", every=1, at=MORNING + DAY)
        search(world)
        assert sorted(clusters(world).values(), key=min) == [set(first), set(second)]

    def test_signing_in_and_voting_are_no_burst(self, world: World) -> None:
        school = people(world, 100)
        for act in ("sign-in", "vote"):
            note(world, school, act=act, block="b1", every=1)
        assert search(world) == Growth(0, 0)

    def test_clusters_with_an_account_in_common_are_one(self, world: World) -> None:
        who = people(world, 12)
        share_mailbox(world, who[:4], "m1")
        note(world, who[3:9], device="d1")
        note(world, who[8:], device="d2")  # five: too few
        search(world)
        assert [*clusters(world).values()] == [set(who[:9])]
        assert reasons(world) == [("device", 6, 1), ("mailbox", 4, 1)]


class TestSchoolAndFarm:
    def test_a_school_in_one_morning_is_no_cluster(self, world: World) -> None:
        pupils = people(world, 300)
        note(world, pupils, act="sign-up", device="phone {}", block="school", every=30)
        note(world, pupils, act="vote", device="phone {}", block="school", every=30)
        assert search(world) == Growth(0, 0)

    def test_a_familys_phone_with_three_accounts_is_no_cluster(self, world: World) -> None:
        family = people(world, 3)
        note(world, family, act="sign-up", device="phone", block="home", every=60)
        share_mailbox(world, family, "marta")
        assert search(world) == Growth(0, 0)

    @pytest.mark.parametrize("device", ["", "d1"], ids=["without a device", "with one device"])
    def test_a_farm_beside_the_school_is_one_cluster_and_no_pupil_is_in_it(self, world: World, device: str) -> None:
        pupils, farm = people(world, 300), people(world, 500)
        note(world, pupils, act="sign-up", device="phone {}", block="school", every=10)
        note(world, farm, act="sign-up", device=device, block="school", every=7)
        for start in range(0, 500, 50):
            share_mailbox(world, farm[start : start + 50], f"m{start}")
        assert search(world) == Growth(clusters=1, members=500)
        assert [*clusters(world).values()] == [set(farm)]
        counts = [("burst", 500, 1), ("device", 500, 1), ("mailbox", 500, 10)]
        assert reasons(world) == [each for each in counts if device or each[0] != "device"]

    def test_a_school_that_signs_up_by_programs_without_cookies_is_shown_for_review(self, world: World) -> None:
        """The limit of what an address block tells: docs/packages/fraud.md says so."""
        note(world, people(world, 30), act="sign-up", block="school", every=30)
        assert search(world) == Growth(clusters=1, members=30)


class TestGrowth:
    def test_accounts_that_are_erased_while_it_searches_are_in_no_cluster(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        erased, stays = people(world, 6), people(world, 6)
        note(world, erased, device="d1")
        note(world, stays, device="d2")
        monkeypatch.setattr(store, "hold", lambda _uow, accounts: set(accounts) - set(erased))
        assert search(world) == Growth(clusters=1, members=6)
        assert [*clusters(world).values()] == [set(stays)]

    def test_a_cluster_keeps_its_id_while_it_grows(self, world: World) -> None:
        who = people(world, 8)
        note(world, who[:6], device="d1")
        search(world)
        [(before, _)] = clusters(world).items()
        note(world, who, device="d1", at=MORNING + DAY)
        assert search(world) == Growth(clusters=0, members=2)
        assert clusters(world) == {before: set(who)}
        assert reasons(world) == [("device", 8, 1)]

    def test_two_clusters_become_the_older_one_and_the_other_id_leads_to_it(self, world: World) -> None:
        who = people(world, 12)
        note(world, who[6:], device="d1")
        search(world)
        [older] = clusters(world)
        note(world, who[:6], device="d2")
        search(world)
        [younger] = clusters(world).keys() - {older}
        share_mailbox(world, [*who[4:6], *who[6:8]], "m1")
        assert search(world) == Growth(0, 0)
        assert clusters(world) == {older: set(who)}
        with world.uow() as uow:
            led, found = service.show_cluster(uow, younger), service.show_cluster(uow, older)
        assert led == found
        assert {each.tie: (each.accounts, each.marks) for each in found.reasons} == {
            Tie.DEVICE: (12, 2), Tie.MAILBOX: (4, 1)
        }  # fmt: skip

    def test_a_second_search_changes_nothing(self, world: World) -> None:
        who = people(world, 25)
        note(world, who, act="sign-up", block="b1", every=1)
        note(world, who[:6], device="d1")
        search(world)
        before = everything(world)
        assert search(world) == Growth(0, 0)
        assert everything(world) == before


class TestOneRunner:
    def test_a_second_process_does_not_search_at_the_same_time(self, world: World) -> None:
        note(world, people(world, 6), device="d1")
        with world.uow() as uow:
            assert store.elect(uow)
            assert service.search(world.database, FraudSettings()) is None
        assert search(world) == Growth(1, 6)

    @pytest.mark.parametrize("step", ["add_members", "add_evidence", "doubt", "note_reasons", "drop_empty"])
    def test_a_process_that_dies_in_the_middle_leaves_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        note(world, people(world, 6), device="d1")
        before = everything(world)

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(store, step, die)
            with pytest.raises(KeyboardInterrupt):
                search(world)
        assert everything(world) == before
        assert search(world) == Growth(1, 6)


def everything(world: World) -> list[str]:
    tables = ("clusters", "cluster_members", "cluster_evidence", "cluster_reasons")
    with world.uow() as uow:
        return [
            str(row)
            for table in tables
            for row in uow.execute(text(f"select t::text from {table} t order by 1")).scalars()  # noqa: S608
        ]


FILL = """
insert into users (email, username, first_name, last_name, city, city_key, country)
    select n || '@crowd', 'crowd' || n, 'A', 'B', 'C', 'c', 'D' from generate_series(1, 100000) n;
insert into signals (account_id, act, device, block, first_seen)
    select id, act, md5((number / case when number < 5000 then 50 else 1 end)::text), md5((number / 40)::text),
        now() - number * interval '3 seconds'
    from (select id, row_number() over () as number from users) u, unnest(array['sign-up', 'sign-in', 'vote']) act;
insert into mailboxes (account_id, mark) select account_id, min(device) from signals group by account_id
"""


@pytest.mark.slow  # 100,000 accounts
def test_a_hundred_thousand_accounts_are_searched_in_seconds(world: World) -> None:
    with world.uow() as uow:
        for statement in FILL.split(";"):
            uow.execute(text(statement))
    for growth in (Growth(clusters=25, members=4999), Growth(0, 0)):
        began = time.monotonic()
        assert search(world) == growth
        assert time.monotonic() - began < 60  # 2 s of work, on whatever machine
