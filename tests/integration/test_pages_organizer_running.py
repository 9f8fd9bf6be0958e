"""The organizers' pages of what runs: jobs, mail, the audit trail, health, and the settings in force."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from anb.accounts.domain import Role
from anb.audit.domain import Act, TargetKind
from anb.errors import Outage
from anb.jobs.domain import JobState, What
from anb.mail import service as outbox
from anb.mail.domain import MailKind, MailState, NewMail, Recipient
from anb.operators.schemas import Backlog, CountShown, ErasuresShown, LineShown, OutboxShown, RetentionShown
from anb.pages.organizer_health import findings, space
from anb.pages.wording import wording
from anb.settings import MIB
from anb.videos import processing
from support.browser_client import OURS, browser_client
from support.publishing import begin
from support.worlds import World


@pytest.fixture
def console(world: World) -> Iterator[TestClient]:
    """The browser of an administrator."""
    with browser_client(world, world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)) as browser:
        yield browser


def send(console: TestClient, path: str, **form: str) -> str:
    """Send a form; return the page that it leads to."""
    answer = console.post(f"/organizer/{path}", data=form, headers=OURS)
    assert answer.status_code == 303, answer.text
    return console.get(answer.headers["location"]).text


def dead_mail(world: World) -> UUID:
    mail = NewMail(MailKind.PASSWORD_CHANGED, Recipient(None, "x@example.com", "", "es"), {"link": "/"})
    with world.uow() as uow:
        made = outbox.post(uow, mail)
        failure = "update mails set state = 'dead', ended_at = now(), failure = '550 no such user' where id = :id"
        uow.execute(text(failure), {"id": made})
    return made


class TestJobs:
    def test_a_job_is_cancelled_and_retried_with_its_timeline(self, world: World, console: TestClient) -> None:
        job = world.player().upload().task_id
        assert f"/organizer/jobs/{job}" in console.get("/organizer/jobs?state=queued").text
        assert f"/organizer/jobs/{job}" not in console.get("/organizer/jobs?state=dead").text
        assert "¿Cancelar este trabajo?" in console.get(f"/organizer/jobs/{job}/cancel").text
        page = send(console, f"jobs/{job}/cancel", reason="Pedido del jugador")
        assert "está cancelado" in page
        assert "Cancelado" in page
        again = console.post(f"/organizer/jobs/{job}/cancel", headers=OURS)
        assert again.status_code == 400
        died = world.player("Otra Jugadora").upload().task_id
        claim = begin(world, died, "host:7")
        assert claim
        with world.uow() as uow:
            most = world.settings.model_copy(update={"job_attempts": 1})
            processing.retry_or_discard(uow, most, claim, "FFmpeg ended with 1: no space left")
        assert "no space left" in console.get("/organizer/jobs?state=dead").text
        assert "otra vez en la cola" in send(console, f"jobs/{died}/retry")

    def test_the_queue_is_paused_and_resumed(self, console: TestClient) -> None:
        assert "Detener la cola" in console.get("/organizer/jobs").text
        assert "La cola está detenida: nadie" in send(console, "jobs/drain", act="drain")
        assert "¿Poner la cola en marcha?" in console.get("/organizer/jobs/drain").text
        assert "nadie toma" not in send(console, "jobs/drain", act="end")


class TestMail:
    def test_a_dead_mail_is_sent_again_or_dismissed(self, world: World, console: TestClient) -> None:
        first, second = dead_mail(world), dead_mail(world)
        page = console.get("/organizer/mail").text
        assert page.count("550 no such user") == 2
        assert "otra vez en la cola" in send(console, f"mail/{first}/retry")
        assert "descartado" in send(console, f"mail/{second}/dismiss", reason="No existe")
        assert "Nada cambió" in send(console, f"mail/{second}/dismiss")
        assert "Nada cambió" in send(console, f"mail/{second}/retry")
        assert "No hay correos" in console.get("/organizer/mail?state=dead").text

    def test_organizers_do_not_see_it(self, world: World) -> None:
        with browser_client(world, world.organizer()) as console:
            for path in ("/organizer/mail", "/organizer/settings"):
                assert console.get(path).status_code == 403


class TestAudit:
    def test_acts_are_filtered_and_the_trail_is_verified(self, world: World, console: TestClient) -> None:
        send(console, "jobs/drain", act="drain", reason="Mantenimiento")
        for query in ("", "?act=drain_started", "?kind=queue", "?since=2026-01-01", "?act=x&kind=y&since=z&account=w"):
            assert "Mantenimiento" in console.get(f"/organizer/audit{query}").text, query
        for query in ("?act=drain_ended", "?kind=mail", "?since=2999-01-01"):
            assert "Mantenimiento" not in console.get(f"/organizer/audit{query}").text, query
        verify = console.post("/organizer/audit/verify", headers=OURS)
        assert "El registro está completo" in verify.text
        with world.uow() as uow:
            uow.execute(text("set local session_replication_role = replica"))
            uow.execute(text("update audit_entries set reason = 'Otra cosa' where act = 'drain_started'"))
        assert "no es lo que se escribió" in console.post("/organizer/audit/verify", headers=OURS).text


class TestHealth:
    def test_what_is_wrong_comes_first_with_what_to_do(self, world: World, console: TestClient) -> None:
        fine = console.get("/organizer/health").text
        assert "Todo va bien" in fine
        assert fine.count("responde (") == 3
        assert "Megabytes libres" in fine
        dead_mail(world)
        page = console.get("/organizer/health").text
        assert "Hay que mirar" in page
        assert "reenvía o descarta" in page

    def test_a_part_that_does_not_answer_comes_first(
        self, world: World, console: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def silent() -> int:
            raise Outage("the queue is away")

        monkeypatch.setattr(world.ports.queue, "depth", silent)
        page = console.get("/organizer/health").text
        assert "Cola de trabajos: no responde" in page
        assert "Todo va bien" not in page

    def test_the_settings_are_shown_without_secrets(self, world: World, console: TestClient) -> None:
        page = console.get("/organizer/settings").text
        assert "ANB_ERASURE_GRACE_DAYS" in page
        assert world.settings.secret_key is not None
        assert world.settings.secret_key.get_secret_value() not in page


def test_each_figure_that_can_be_wrong_says_what_to_do() -> None:
    high = {
        "due": 9,
        "running": 9,
        "dead": 9,
        "held": 9,
        "waiting_seconds": 9e9,
        "last_begun_seconds": 9,
        "drained": True,
    }
    backlog = Backlog(
        line=LineShown.model_validate(high),
        mail=OutboxShown(due=9, held=9, dead=9, waiting_seconds=9e9, died_today=9, oldest_seconds=9e9),
        erasures=ErasuresShown(unfinished=9, due_soon=9, overdue=9),
        retention=RetentionShown(seconds_since=9e9),
        count=CountShown(waiting_seconds=9e9, compared_seconds=9e9, differing=9, stopped=9, late=9),
    )
    found = list(findings(backlog))
    found += [*space(512 * MIB, 512 * MIB), *space(None, 512 * MIB)]
    assert [each.word for each in found if not each.wrong] == ["jobs_due", "mail_due"]
    t = wording("es")
    for each in found:
        assert t(f"organizer_health.figure_{each.word}")
        assert not each.wrong or t(f"organizer_health.do_{each.word}")


def test_every_word_that_is_kept_has_a_sentence() -> None:
    t = wording("es")
    kept = {"organizer_audit.act": Act, "organizer_audit.kind": TargetKind, "organizer_mail.kind": MailKind,
            "organizer_mail.state": MailState, "organizer_job.state": JobState, "organizer_job.what": What}  # fmt: skip
    for prefix, words in kept.items():
        for word in words:
            assert t(f"{prefix}_{word.replace(' ', '_')}")
