"""What operators do with mails at the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from anb import cli
from anb.audit import service as audit
from anb.audit.domain import Act, AuditFilter
from anb.db.paging import Page
from anb.mail.domain import MailKind, MailNotDead, MailNotFound, MailState
from anb.ports.mail import MailRefused
from anb.sentences import catalogues
from anb.settings import WrongSetting
from support.outbox import FakeMailTransport, WorldOutbox, mail
from support.worlds import World

Command = Callable[..., Result]


@pytest.fixture
def outbox(world: World) -> WorldOutbox:
    return WorldOutbox(world)


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Command:
    # The log would go to what the runner captures.
    monkeypatch.setattr("anb.cli.database.configure", lambda _format: None)
    known = world.settings
    environment = {
        "ANB_DATABASE_URL": str(known.database_url),
        "ANB_REDIS_URL": str(known.redis_url),
        "ANB_MEDIA_ROOT": str(known.media_root),
        "ANB_DATA_DIR": str(known.work_dir),
    }
    return lambda *words: CliRunner().invoke(cli.app, ["mail", *map(str, words)], env=environment)


def kill(outbox: WorldOutbox, why: str = "550 no such user") -> None:
    assert outbox.send_next(FakeMailTransport(MailRefused(why)))


def test_dead_letters_are_listed_with_their_reason_and_tried_again(outbox: WorldOutbox, anb: Command) -> None:
    (dead,) = outbox.post(mail())
    kill(outbox)
    (waiting,) = outbox.post(mail())
    listed = anb("list")
    assert str(dead) in listed.output
    assert str(waiting) in listed.output
    assert "Due 1, held 0, dead 1." in listed.output
    (row,) = json.loads(anb("list", "--dead", "--json").output)
    assert (row["id"], row["state"], row["failure"]) == (str(dead), "dead", "550 no such user")
    assert "ana@example.com" not in listed.output
    assert anb("retry", dead).output.splitlines()[-1] == "Queued again: 1."
    assert outbox.state(dead) is MailState.QUEUED


def test_all_dead_letters_are_tried_again_at_once(outbox: WorldOutbox, anb: Command) -> None:
    outbox.post(mail(), mail())
    kill(outbox)
    kill(outbox)
    assert anb("retry", "--all").output.splitlines()[-1] == "Queued again: 2."
    assert anb("retry", "--all").output.splitlines()[-1] == "Queued again: 0."


def test_what_cannot_be_tried_again_is_said(outbox: WorldOutbox, anb: Command) -> None:
    (waiting,) = outbox.post(mail())
    assert isinstance(anb("retry", waiting).exception, MailNotDead)
    assert isinstance(anb("retry", "0197f6a0-0000-7000-8000-000000000001").exception, MailNotFound)
    assert anb("retry").exit_code == 2


def test_a_dead_letter_is_dismissed_and_forgets_its_recipient(outbox: WorldOutbox, anb: Command) -> None:
    dead, waiting = outbox.post(mail(), mail())
    kill(outbox)
    assert anb("dismiss", dead, "--reason", "no such address").exit_code == 0
    assert outbox.state(dead) is MailState.UNWANTED
    with outbox.world.uow() as uow:
        row = uow.execute(text("select address, name, facts, failure from mails where id = :id"), {"id": dead}).one()
        assert row == (None, None, {}, None)
        acts = audit.list_entries(uow, AuditFilter(act=Act.MAIL_DISMISSED), Page(9)).rows
    assert [(entry.what.target_id, entry.reason) for entry in acts] == [(str(dead), "no such address")]
    for other in (dead, waiting):
        assert isinstance(anb("dismiss", other).exception, MailNotDead)
    assert anb("retry", "--all").output.splitlines()[-1] == "Queued again: 0."


@pytest.mark.parametrize("kind", MailKind)
def test_every_mail_can_be_looked_at_in_every_language(kind: MailKind, anb: Command, tmp_path: Path) -> None:
    for language in catalogues():
        shown = anb("preview", kind, "--language", language, "--folder", tmp_path)
        assert shown.exit_code == 0, shown.exception
        text, html = ((tmp_path / f"{kind}.{form}").read_text(encoding="utf-8") for form in ("txt", "html"))
        assert f"<title>{text.partition(chr(10))[0]}</title>" in html


def test_a_language_without_mails_is_refused(anb: Command) -> None:
    assert isinstance(anb("preview", "results", "--language", "xx").exception, WrongSetting)
