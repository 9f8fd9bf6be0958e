"""Which votes are doubtful, which are not, and what a batch costs."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text

from anb.fraud import service
from anb.fraud.doubts import Doubt
from anb.settings.fraud import FraudSettings
from support.browser_client import browser_client, published
from support.callers import calling
from support.judging import aged, cast, judged, viewed
from support.signalling import note, people, search, share_mailbox
from support.worlds import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


def with_email(world: World, who: Sequence[UUID], domain: str) -> None:
    with world.uow() as uow:
        for n, one in enumerate(who):
            uow.execute(text("update users set email = :e where id = :id"), {"e": f"x{n}@{domain}", "id": one})


class TestAccounts:
    def test_an_account_votes_faster_than_anyone_watches(self, world: World) -> None:
        owner, [fast, slow] = world.player(), aged(world, people(world, 2))
        clips = [published(world, owner, f"Clip {n}") for n in range(5)]
        quick = cast(world, [fast] * 5, clips, every=10)
        calm = cast(world, [slow] * 5, clips, every=40)
        assert judged(world, quick + calm, pace_votes=3, pace_minutes=1) == dict.fromkeys(quick[3:], (Doubt.PACE,))

    def test_an_account_of_a_cluster_until_it_was_reviewed(self, world: World, clip: UUID) -> None:
        who = aged(world, people(world, 6))
        note(world, who, act="sign-up", device="farm")
        search(world)
        votes = cast(world, who, [clip], device="own {}")
        assert judged(world, votes) == dict.fromkeys(votes, (Doubt.CLUSTER,))
        with world.uow() as uow:
            uow.execute(text("update cluster_members set cleared_at = now()"))
        assert judged(world, votes) == {}

    def test_the_sixth_account_on_a_device_before_any_search_found_them(self, world: World, clip: UUID) -> None:
        who = aged(world, people(world, 6))
        first = cast(world, who[:5], [clip], device="shared")
        assert judged(world, first) == {}
        last = cast(world, who[5:], [clip], device="shared")
        assert judged(world, last) == dict.fromkeys(last, (Doubt.DEVICE,))

    def test_the_fourth_account_of_a_mailbox(self, world: World, clip: UUID) -> None:
        who = aged(world, people(world, 7))
        share_mailbox(world, who[:4], "farm")
        share_mailbox(world, who[4:], "marta")
        votes = cast(world, who, [clip])
        assert judged(world, votes) == dict.fromkeys(votes[:4], (Doubt.MAILBOX,))


class TestClips:
    def test_programs_of_one_network_whatever_their_accounts_are(self, world: World, clip: UUID) -> None:
        votes = cast(world, aged(world, people(world, 12)), [clip], device="", block="farm")
        assert judged(world, votes[:5]) == {}
        assert judged(world, votes[5:]) == dict.fromkeys(votes[8:], (Doubt.BLOCK,))

    def test_programs_of_many_networks(self, world: World, clip: UUID) -> None:
        votes = cast(world, aged(world, people(world, 16)), [clip], device="")
        assert judged(world, votes) == {votes[15]: (Doubt.PROGRAM,)}

    def test_a_popular_clip_has_more_programs_and_disposable_mailboxes(self, world: World, clip: UUID) -> None:
        fans = cast(world, aged(world, people(world, 300)), [clip])
        who = aged(world, people(world, 24))
        with_email(world, who[:12], "mailinator.com")
        votes = cast(world, who[:12], [clip]) + cast(world, who[12:], [clip], device="")
        few = {"program_votes": 5, "disposable_votes": 5}
        assert judged(world, fans + votes, **few, program_percent=4, disposable_percent=4) == {}

    def test_an_account_that_was_reviewed_adds_to_no_count(self, world: World, clip: UUID) -> None:
        who = aged(world, people(world, 40))
        note(world, who, act="sign-up", device="school computer")
        search(world)
        with world.uow() as uow:
            uow.execute(text("update cluster_members set cleared_at = now()"))
        assert judged(world, cast(world, who, [clip], device="", block="school")) == {}

    def test_disposable_mailboxes_in_number(self, world: World, clip: UUID) -> None:
        who = aged(world, people(world, 12))
        with_email(world, who[:11], "mailinator.com")
        votes = cast(world, who, [clip])
        assert judged(world, votes) == {votes[10]: (Doubt.DISPOSABLE,)}

    def test_weak_accounts_beyond_what_the_views_explain(self, world: World, clip: UUID) -> None:
        viewed(world, clip, 6)
        votes = cast(world, people(world, 40), [clip])
        assert judged(world, votes) == dict.fromkeys(votes[33:], (Doubt.BURST,))

    @pytest.mark.parametrize("weakness", ["unconfirmed", "new", "disposable"])
    def test_each_weakness(self, world: World, clip: UUID, weakness: str) -> None:
        who = people(world, 31)
        if weakness == "new":
            with world.uow() as uow:
                uow.execute(text("update users set email_confirmed_at = now()"))
        else:
            aged(world, who, confirmed=weakness != "unconfirmed")
        if weakness == "disposable":
            with_email(world, who, "mailinator.com")
        votes = cast(world, who, [clip])
        assert judged(world, votes, disposable_votes=99) == {votes[30]: (Doubt.BURST,)}

    def test_accounts_that_are_vouched_for_come_in_any_number(self, world: World, clip: UUID) -> None:
        assert judged(world, cast(world, aged(world, people(world, 60)), [clip])) == {}

    def test_views_of_yesterday_morning_explain_nothing_now(self, world: World, clip: UUID) -> None:
        viewed(world, clip, 500, ago=2 * DAY)
        votes = cast(world, people(world, 31), [clip])
        assert judged(world, votes) == {votes[30]: (Doubt.BURST,)}

    def test_a_burst_hides_neither_behind_the_views_of_the_day_nor_behind_slowness(self, world: World) -> None:
        owner = world.player()
        popular, quiet = published(world, owner, "Popular"), published(world, owner, "Quiet")
        viewed(world, popular, 500, ago=5 * HOUR)
        burst = cast(world, people(world, 31), [popular])
        assert judged(world, burst) == {burst[30]: (Doubt.BURST,)}
        early = cast(world, people(world, 20), [quiet], ago=10 * HOUR)
        assert judged(world, early) == {}
        late = cast(world, people(world, 11), [quiet])
        assert judged(world, late) == {late[10]: (Doubt.BURST,)}


class TestHonest:
    def test_a_school_behind_one_address(self, world: World, clip: UUID) -> None:
        pupils = people(world, 300)
        viewed(world, clip, 600)
        note(world, pupils, act="sign-up", device="phone {}", block="school", every=10)
        search(world)
        assert judged(world, cast(world, pupils, [clip], block="school", every=10)) == {}

    def test_a_viral_clip(self, world: World, clip: UUID) -> None:
        viewed(world, clip, 800)
        assert judged(world, cast(world, people(world, 400), [clip])) == {}

    def test_a_few_people_with_programs_and_disposable_mailboxes(self, world: World, clip: UUID) -> None:
        who = people(world, 10)
        with_email(world, who, "mailinator.com")
        assert judged(world, cast(world, who, [clip], device="")) == {}


class TestNotJudged:
    def test_votes_of_this_machine_and_of_exempt_networks(self, world: World, clip: UUID) -> None:
        assert judged(world, cast(world, people(world, 50), [clip], device="", block="")) == {}

    def test_votes_of_jurors(self, world: World, clip: UUID) -> None:
        assert judged(world, cast(world, people(world, 50), [clip], device="", block="b", jury=True)) == {}

    def test_votes_from_before_votes_were_held(self, world: World, clip: UUID) -> None:
        assert judged(world, cast(world, people(world, 50), [clip], device="", block="b", ago=2 * DAY)) == {}

    def test_votes_that_were_released_are_not_even_counted_again(self, world: World, clip: UUID) -> None:
        votes = cast(world, people(world, 40), [clip], device="", block="b")
        judged(world, votes)
        with world.uow() as uow:
            uow.execute(text("insert into released_votes (vote_id) select id from votes"))
        assert judged(world, votes) == {}
        with world.uow() as uow:
            assert set(uow.execute(text("select votes from clip_marks")).scalars()) == {40}

    def test_any_where_holding_is_switched_off(self, world: World, clip: UUID) -> None:
        assert judged(world, cast(world, people(world, 50), [clip], device="", block="b"), holds=False) == {}


class TestWork:
    def test_a_batch_that_is_rolled_back_was_never_counted(self, world: World, clip: UUID) -> None:
        votes = cast(world, people(world, 40), [clip], device="", block="b")
        with pytest.raises(ZeroDivisionError), world.uow() as uow:
            assert 1 // (len(service.judge(uow, FraudSettings(), votes)) - 32)
        assert len(judged(world, votes)) == 32

    def test_a_hundred_votes_take_as_many_statements_as_one(self, world: World, clip: UUID) -> None:
        votes = cast(world, people(world, 100), [clip], device="", block="b {}")
        assert statements(world, votes[:1]) == statements(world, votes[1:]) - 1 <= 4


class TestViews:
    def test_each_opened_page_is_a_view_and_nothing_else_is(self, world: World, clip: UUID) -> None:
        with browser_client(world) as browser:
            assert [browser.get(f"/videos/{clip}").status_code for _ in range(3)] == [200] * 3
            browser.head(f"/videos/{clip}")
            browser.get("/videos/00000000-0000-0000-0000-000000000000")
        world.client.app.state.views.save()  # type: ignore[attr-defined]
        assert views(world) == [(clip, 3)]

    def test_what_could_not_be_saved_is_saved_later(
        self, world: World, clip: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted = world.client.app.state.views  # type: ignore[attr-defined]
        with calling(world) as client:
            client.get(f"/videos/{clip}")
        with monkeypatch.context() as broken:
            broken.setattr("anb.fraud.views._ADD", text("select no_such_column"))
            counted.save()
        assert views(world) == []
        counted.save()
        assert views(world) == [(clip, 1)]


def views(world: World) -> list[tuple[UUID, int]]:
    with world.uow() as uow:
        return [tuple(row) for row in uow.execute(text("select video_id, views from clip_hours"))]


def statements(world: World, votes: Sequence[int]) -> int:
    ran: list[str] = []

    def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        ran.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", count)
    try:
        judged(world, votes)
    finally:
        event.remove(world.database.engine, "before_cursor_execute", count)
    return len(ran)
