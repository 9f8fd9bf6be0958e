"""The outbox with real PostgreSQL: what is posted is sent, once as far as we can know, and never lost."""

import pytest
from sqlalchemy import delete, select

from anb.db.tables_mail import mails
from anb.errors import Outage
from anb.mail import message, sender, service
from anb.mail.domain import HeldMail, MailKind, MailNotDead, MailNotFound, MailState, NewMail, Recipient
from anb.ports.mail import MailDeferred, MailRefused
from support.outbox import FakeMailTransport, WorldOutbox, mail
from support.worlds import OPERATOR, World


@pytest.fixture
def outbox(world: World) -> WorldOutbox:
    return WorldOutbox(world)


class TestPosting:
    def test_a_mail_is_written_with_what_caused_it_or_not_at_all(self, outbox: WorldOutbox) -> None:
        class Rollback(Exception):
            pass

        def cause() -> None:
            with outbox.world.uow() as uow:
                service.post(uow, mail())
                raise Rollback

        with pytest.raises(Rollback):
            cause()
        assert not outbox.send_next()

    def test_a_second_mail_with_the_same_key_is_the_first(self, outbox: WorldOutbox) -> None:
        first, second, other = outbox.post(mail("a"), mail("a"), mail("b"))
        assert first == second != other
        assert outbox.post(mail("a")) == [first]

    def test_mails_without_a_key_are_all_sent(self, outbox: WorldOutbox) -> None:
        assert len(set(outbox.post(mail(), mail()))) == 2


class TestSending:
    def test_a_sent_mail_keeps_nothing_personal(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail("key"))
        transport = FakeMailTransport()
        assert outbox.send_next(transport)
        assert transport.sent == ["ana@example.com"]
        row = outbox.act(lambda uow: uow.execute(select(mails)).one())
        assert (row.state, row.address, row.name, row.facts) == ("sent", None, None, {})
        assert "secret" not in str(row)
        assert outbox.post(mail("key")) == [mail_id]
        assert not outbox.send_next()

    def test_a_temporary_failure_is_tried_again_later(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        outbox.send_next(FakeMailTransport(MailDeferred("451 later")))
        assert outbox.state(mail_id) is MailState.QUEUED
        assert not outbox.send_next()
        outbox.age(60)
        assert outbox.send_next()
        assert outbox.state(mail_id) is MailState.SENT

    def test_the_last_failure_makes_it_dead_and_an_operator_revives_it(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        for _ in range(3):
            outbox.age(600)
            assert outbox.send_next(FakeMailTransport(MailDeferred("451 later")))
        dead = outbox.act(lambda uow: service.show(uow, mail_id))
        assert (dead.state, dead.failure, dead.faults) == (MailState.DEAD, "451 later", 3)
        assert outbox.act(service.figures).dead == 1
        assert outbox.act(lambda uow: service.try_again(uow, mail_id, OPERATOR)).faults == 0
        assert outbox.send_next()
        assert outbox.state(mail_id) is MailState.SENT

    def test_a_permanent_refusal_makes_it_dead_at_once(self, outbox: WorldOutbox) -> None:
        bad = mail(to=Recipient(None, "not an address", "", "es"))
        refused, invalid = outbox.post(mail(), bad)
        outbox.send_next(FakeMailTransport(MailRefused("550 no such user")))
        outbox.send_next()
        assert {outbox.state(refused), outbox.state(invalid)} == {MailState.DEAD}

    def test_a_server_that_lets_nobody_in_costs_no_mail_an_attempt(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        for _ in range(5):
            with pytest.raises(Outage):
                outbox.send_next(FakeMailTransport(Outage("down")))
        shown = outbox.act(lambda uow: service.show(uow, mail_id))
        assert (shown.state, shown.faults, shown.attempt) == (MailState.QUEUED, 0, 5)
        assert outbox.send_next()

    def test_a_mail_that_cannot_be_written_does_not_stop_the_others(
        self, outbox: WorldOutbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken, fine = outbox.post(mail(), mail())
        real = message.compose

        def compose(held: HeldMail, **known: str) -> object:
            if held.id == broken:
                raise KeyError("a sentence")
            return real(held, **known)

        monkeypatch.setattr(sender, "compose", compose)
        assert outbox.send_next()
        assert outbox.send_next()
        assert outbox.state(broken) is MailState.QUEUED
        assert outbox.state(fine) is MailState.SENT

    def test_a_mail_with_an_expired_link_is_not_sent(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        outbox.age(24 * 3600 + 60)
        transport = FakeMailTransport()
        assert outbox.send_next(transport)
        assert transport.sent == []
        assert outbox.state(mail_id) is MailState.DEAD

    def test_figures_say_how_long_the_oldest_waits(self, outbox: WorldOutbox) -> None:
        assert outbox.act(service.figures) == (0, 0, 0, None, 0, None)
        outbox.post(mail())
        outbox.age(100)
        figures = outbox.act(service.figures)
        assert figures.due == 1
        assert 100 <= figures.waiting_seconds < 200

    def test_old_rows_are_deleted(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        outbox.send_next()
        assert outbox.act(lambda uow: service.purge(uow, outbox.settings)) == 0
        outbox.age(91 * 24 * 3600)
        assert outbox.act(lambda uow: service.purge(uow, outbox.settings)) == 1
        with pytest.raises(MailNotFound):
            outbox.state(mail_id)


class TestOperators:
    def test_only_a_dead_mail_is_tried_again(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        with pytest.raises(MailNotDead):
            outbox.act(lambda uow: service.try_again(uow, mail_id, OPERATOR))

    def test_mails_are_listed_by_state_newest_first(self, outbox: WorldOutbox) -> None:
        first, second = outbox.post(mail(), mail())
        queued = outbox.act(lambda uow: service.list_all(uow, [MailState.QUEUED], 10))
        assert [one.id for one in queued] == [second, first]
        assert outbox.act(lambda uow: service.list_all(uow, [MailState.DEAD, MailState.HELD], 10)) == []


class TestLeases:
    def claim(self, outbox: WorldOutbox, **settings: object) -> HeldMail:
        changed = outbox.settings.model_copy(update=settings)
        held: HeldMail = outbox.act(lambda uow: service.claim(uow, changed, "host:1"))
        return held

    def test_one_sender_gets_a_mail(self, outbox: WorldOutbox) -> None:
        outbox.post(mail())
        self.claim(outbox)
        assert not outbox.send_next()

    def test_the_mail_of_a_killed_sender_is_taken_again_and_the_dead_ones_writes_change_nothing(
        self, outbox: WorldOutbox
    ) -> None:
        (mail_id,) = outbox.post(mail())
        lost = self.claim(outbox)
        outbox.age(outbox.settings.mail_lease_seconds + 1)
        assert outbox.send_next()
        assert outbox.act(lambda uow: service.finish(uow, lost)) is False
        assert outbox.act(lambda uow: service.release(uow, lost)) is False
        assert outbox.act(lambda uow: service.refuse(uow, lost, "late")) is False
        assert outbox.act(lambda uow: service.retry(uow, outbox.settings, lost, "late")) is False
        assert outbox.state(mail_id) is MailState.SENT

    def test_a_mail_that_kills_its_senders_is_dead_in_the_end(self, outbox: WorldOutbox) -> None:
        (mail_id,) = outbox.post(mail())
        for _ in range(3):
            self.claim(outbox)
            outbox.age(outbox.settings.mail_lease_seconds + 1)
        assert not outbox.send_next()
        dead = outbox.act(lambda uow: service.show(uow, mail_id))
        assert dead.state is MailState.DEAD
        assert dead.failure == "Sender host:1 said nothing until its lease ended."


class TestChoices:
    def ready(self, world: World) -> NewMail:
        player = world.player()
        with world.uow() as uow:
            uow.execute(delete(mails))  # the one that confirms the player's address
        to = Recipient(player.id, player.email, "Lucía", "es")
        return NewMail(MailKind.VIDEO_READY, to, {"title": "Mi triple", "link": "/videos/1"})

    def token(self, outbox: WorldOutbox) -> str:
        facts = outbox.act(lambda uow: uow.execute(select(mails.c.facts)).scalar_one())
        token: str = facts["stop"]
        return token

    def test_the_token_of_a_mail_switches_its_kind_off_also_after_it_was_sent(self, outbox: WorldOutbox) -> None:
        ready = self.ready(outbox.world)
        outbox.post(ready)
        token = self.token(outbox)
        outbox.send_next()
        assert outbox.act(lambda uow: service.kind_to_stop(uow, token)) is MailKind.VIDEO_READY
        for _ in range(2):
            assert outbox.act(lambda uow: service.stop(uow, token)) is MailKind.VIDEO_READY
        (mail_id,) = outbox.post(ready)
        transport = FakeMailTransport()
        assert outbox.send_next(transport)
        assert transport.sent == []
        assert outbox.state(mail_id) is MailState.UNWANTED

    def test_a_token_that_is_not_known_switches_nothing_off(self, outbox: WorldOutbox) -> None:
        assert outbox.act(lambda uow: service.stop(uow, "none")) is None
        assert outbox.act(lambda uow: service.kind_to_stop(uow, "none")) is None

    def test_a_person_chooses_but_not_what_is_necessary(self, outbox: WorldOutbox) -> None:
        ready = self.ready(outbox.world)
        account_id = ready.to.account_id
        assert account_id is not None
        outbox.act(lambda uow: service.choose(uow, account_id, {MailKind.RESULTS}))
        off = {MailKind.VIDEO_READY, MailKind.VIDEO_REFUSED, MailKind.SEASON_CLOSES}
        assert outbox.act(lambda uow: service.switched_off(uow, account_id)) == off
        outbox.act(lambda uow: service.choose(uow, account_id, off | {MailKind.RESULTS}))
        assert outbox.act(lambda uow: service.switched_off(uow, account_id)) == set()

    def test_a_necessary_mail_has_no_token(self, outbox: WorldOutbox) -> None:
        outbox.post(mail())
        assert outbox.act(lambda uow: uow.execute(select(mails.c.stop_hash)).scalar_one()) is None
