"""`/api/admin/mails`: what was not sent, for administrators alone."""

import pytest
from sqlalchemy import text

from anb.accounts.domain import Role
from anb.mail import service as outbox
from anb.mail.domain import MailKind, NewMail, Recipient
from support.administration import refusal
from support.worlds import Player, World

MAILS = "/api/admin/mails"


@pytest.fixture
def administrator(world: World) -> Player:
    return world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)


def dead_letter(world: World) -> str:
    mail = NewMail(MailKind.PASSWORD_CHANGED, Recipient(None, "lost@example.com", "Lucía", "es"), {"link": "/"})
    with world.uow() as uow:
        mail_id = outbox.post(uow, mail)
        change = text("update mails set state = 'dead', ended_at = now(), failure = '550' where id = :id")
        uow.execute(change, {"id": mail_id})
    return str(mail_id)


def test_they_are_listed_by_state(world: World, administrator: Player) -> None:
    mail_id = dead_letter(world)
    answer = world.client.get(MAILS, params={"state": "dead"}, headers=administrator.headers)
    assert [(each["id"], each["failure"]) for each in answer.json()] == [(mail_id, "550")]
    assert answer.headers["cache-control"] == "private, no-store"
    assert "lost@example.com" not in answer.text
    everything = world.client.get(MAILS, headers=administrator.headers).json()
    assert {each["state"] for each in everything} == {"dead", "queued"}


def test_one_is_tried_again_or_dismissed_once(world: World, administrator: Player) -> None:
    for act, state in (("retry", "queued"), ("dismiss", "unwanted")):
        place = f"{MAILS}/{dead_letter(world)}/{act}"
        done = world.client.post(place, json={}, headers=administrator.headers)
        assert (done.status_code, done.json()["state"]) == (200, state)
        again = world.client.post(place, json={}, headers=administrator.headers)
        assert refusal(again) == (400, "mail-not-dead")
    with world.uow() as uow:
        acts = uow.execute(text("select act, actor_id from audit_entries where target_kind = 'mail' order by number"))
        assert list(acts) == [("mail_retried", administrator.id), ("mail_dismissed", administrator.id)]


def test_organizers_do_not_read_what_mail_servers_say(world: World) -> None:
    refused = world.client.get(MAILS, headers=world.organizer().headers)
    assert refusal(refused) == (403, "administrators-only")
