"""The work that waits: figures that alarms watch, for operators of hosts and for organizers, at the least cost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from anb.mail import figures, service
from anb.mail.domain import MailKind, MailState
from anb.ports.mail import MailDeferred, MailRefused
from anb.privacy import erasure, retention
from anb.privacy.domain import WARNED_BEFORE, due_after
from anb.settings.privacy import PrivacySettings
from anb.votelog import comparisons
from support.leaving import ask
from support.outbox import FakeMailTransport, WorldOutbox, mail
from support.plans import explained
from support.worlds import World

HOUR = 3600


def shown(world: World) -> Any:
    return world.client.get("/api/health/parts").json()


@pytest.fixture
def outbox(world: World) -> WorldOutbox:
    return WorldOutbox(world)


class TestMails:
    def test_a_mail_that_is_put_off_again_and_again_grows_old(self, outbox: WorldOutbox) -> None:
        outbox.post(mail())
        outbox.age(HOUR)
        outbox.send_next(FakeMailTransport(MailDeferred("451 later")))
        found = outbox.act(service.figures)
        assert (found.due, found.waiting_seconds) == (0, None)  # it is not due now
        assert HOUR <= found.oldest_seconds < HOUR + 60

    def test_mails_of_news_may_wait_for_hours(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail(kind=MailKind.RESET_PASSWORD))
        with outbox.world.uow() as uow:
            uow.execute(text("update mails set urgent = false where id = :id"), {"id": mail_id})
        outbox.age(HOUR)
        found = outbox.act(service.figures)
        assert (found.due, found.oldest_seconds) == (1, None)
        assert HOUR <= found.waiting_seconds < HOUR + 60

    def test_the_oldest_due_mail_counts_whichever_its_kind(self, outbox: WorldOutbox) -> None:
        for urgent in (True, False):
            outbox.post(mail())
            with outbox.world.uow() as uow:
                uow.execute(text("update mails set urgent = :urgent where attempt = 0"), {"urgent": urgent})
            outbox.age(HOUR)
        assert 2 * HOUR <= outbox.act(service.figures).waiting_seconds < 2 * HOUR + 60

    def test_an_old_dead_letter_ends_the_alarm_and_stays_counted(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        outbox.send_next(FakeMailTransport(MailRefused("550 no such user")))
        assert outbox.state(mail_id) is MailState.DEAD
        assert outbox.act(service.figures)[2:5] == (1, None, 1)
        outbox.age(25 * HOUR)
        assert outbox.act(service.figures)[2:5] == (1, None, 0)

    def test_counting_ends_somewhere(self, outbox: WorldOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(figures, "MOST_COUNTED", 2)
        outbox.post(mail(), mail(), mail())
        assert outbox.act(service.figures).due == 2


class TestErasures:
    NONE = {"overdue": 0, "due_soon": 0, "unfinished": 0}  # noqa: RUF012 - it is only read

    def test_late_ones_are_counted_whichever_other_part_is_down(self, world: World) -> None:
        moments = {
            "Ana Paz": "due_at = now() - interval '1 day'",
            "Luz Mar": "due_at = now() + interval '2 days'",
            "Sol Rey": "starts_at = now() - interval '61 minutes'",
            "Eva Gil": "starts_at = now() - interval '59 minutes', due_at = now() + interval '4 days'",
        }
        people = {name: world.player(name) for name in moments}
        for each in people.values():
            ask(world, each, by="person")
        assert shown(world)["erasures"] == self.NONE
        with world.uow() as uow:
            for name, moment in moments.items():
                uow.execute(text(f"update erasures set {moment} where account_id = :id"), {"id": people[name].id})  # noqa: S608
        late = {"overdue": 1, "due_soon": 2, "unfinished": 1}
        assert shown(world)["erasures"] == late
        world.queue.down = True
        assert shown(world)["erasures"] == late
        with world.uow() as uow:
            uow.execute(text("update erasures set finished_at = now(), mark = null"))
        assert shown(world)["erasures"] == self.NONE

    @pytest.mark.parametrize("day", range(7))
    def test_no_warning_comes_before_the_longest_grace_period_is_over(self, day: int) -> None:
        asked = datetime(2026, 11, 2, tzinfo=UTC) + timedelta(days=day)
        (longest,) = (
            each.le for each in PrivacySettings.model_fields["erasure_grace_days"].metadata if hasattr(each, "le")
        )
        assert asked + timedelta(days=longest, hours=2) < due_after(asked) - WARNED_BEFORE


class TestRetention:
    def test_a_silent_one_shows_by_the_age_of_its_last_end(self, world: World) -> None:
        assert shown(world)["retention"] == {"seconds_since": None}
        now = datetime.now(UTC)
        with world.uow() as uow:
            run = text("insert into retention_runs (day, finished_at) values (:day, :ended)")
            for hours, ended in ((64, now - timedelta(hours=64)), (40, now - timedelta(hours=40)), (1, None)):
                uow.execute(run, {"day": (now - timedelta(hours=hours)).date(), "ended": ended})
        assert 40 * HOUR <= shown(world)["retention"]["seconds_since"] < 41 * HOUR


def test_an_organizer_sees_what_waits(world: World) -> None:
    known = world.client.get("/api/admin/backlog", headers=world.organizer().headers).json()
    parts = shown(world)
    assert known.keys() == {"line", "mail", "erasures", "retention", "count"}
    assert {name: parts[name].keys() for name in known} == {name: known[name].keys() for name in known}


def test_the_figures_read_no_whole_table(world: World) -> None:
    """Mails and requests that have ended stay for months or years, and an alarm asks every minute."""
    with world.uow() as uow:
        uow.execute(text("set local enable_seqscan = off"))  # a table of a test is small
        with explained(uow) as plans:
            service.figures(uow)
            erasure.figures(uow, world.ports)
            retention.seconds_since(uow, world.ports)
            comparisons.waiting_seconds(uow)
    told = "\n".join(plans)
    assert "Seq Scan" not in told, told
    for index in (
        "mails_queued_idx",
        "mails_unhappy_idx",
        "mails_waited_for_idx",
        "erasures_open_key",
        "retention_runs_pkey",
        "pending_entries_pkey",
    ):
        assert index in told, told
