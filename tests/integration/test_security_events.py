"""What the security log records of people's actions: the event, and the account, job or season."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any
from uuid import UUID

import pytest
import structlog

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.contest import service as contest
from anb.sessions import service as sessions
from anb.videos import processing
from support.browser_client import browser_client, form, published
from support.callers import HOME, calling, sign_up, voted
from support.publishing import begin
from support.worlds import OPERATOR, World

EMAIL, WORD = "lucia@example.com", "balon-naranja-7"


@pytest.fixture
def said(world: World) -> Iterator[list[tuple[str, dict[str, str]]]]:
    """Gather the events, with their fields, that a test causes in its world."""
    events: list[tuple[str, dict[str, str]]] = []

    def keep(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        if line.pop("stream", "") == "security":
            events.append((line.pop("event"), {name: value for name, value in line.items() if name != "request_id"}))
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[keep], cache_logger_on_first_use=False)
    assert world.client.get("/api/health/live").status_code == 200
    yield events
    structlog.configure(**before)


def test_who_signs_up_in_wrongly_and_out_is_named_by_id(world: World, said: list[tuple[str, dict[str, str]]]) -> None:
    api = world.client
    made = api.post("/api/auth/signup", json=form(email=EMAIL)).json()
    for email, word in ((EMAIL, "otra-cosa-9"), ("nadie@example.com", WORD), (EMAIL, WORD)):
        api.post("/api/auth/login", json={"email": email, "password": word})
    whose = {"account_id": made["user_id"]}
    with world.uow() as uow:
        (session,) = sessions.list_open(uow, UUID(made["user_id"]))
    assert said == [
        ("accounts.sign_up.succeeded", whose),
        ("accounts.sign_in.failed", whose),
        ("accounts.sign_in.failed", {}),
        ("accounts.sign_in.succeeded", whose | {"session_id": str(session.id)}),
    ]


def test_who_leaves_the_pages_is_named_by_id(world: World, said: list[tuple[str, dict[str, str]]]) -> None:
    player = world.player()
    with browser_client(world, player) as visitor, world.uow() as uow:
        session = sessions.list_open(uow, player.id)[0]
        said.clear()
        assert visitor.post("/logout").status_code == 303
    ids = {"account_id": str(player.id), "session_id": str(session.id)}
    assert said == [("sessions.session.ended", ids | {"reason": "signed-out"})]


def unaudited(said: list[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Leave out the events of the audit trail, one for each act; its own tests are about them."""
    return [event for event in said if event[0] != "audit.act.recorded"]


def test_a_role_and_a_season_are_named_once_they_are_committed(
    world: World, said: list[tuple[str, dict[str, str]]]
) -> None:
    player = world.player()
    said.clear()
    with world.uow() as uow:
        closed = contest.current_season(uow)
        assert closed is not None
        accounts.give_role(uow, player.email, Role.JUROR)
        contest.close_season(uow, OPERATOR)
        assert said == []
    with world.uow() as uow:
        opened = contest.open_season(uow, OPERATOR, "Otra temporada")
    assert unaudited(said) == [
        ("sessions.all.ended", {"account_id": str(player.id), "reason": "role-changed"}),
        ("accounts.role.given", {"account_id": str(player.id), "role": "juror"}),
        ("contest.season.closed", {"season_id": str(closed.id)}),
        ("contest.season.opened", {"season_id": str(opened.id)}),
    ]


def test_what_an_organizer_does_to_jobs_names_both(world: World, said: list[tuple[str, dict[str, str]]]) -> None:
    player, organizer, api = world.player(), world.organizer(), world.client
    stopped, dead, other = (player.upload().task_id for _ in range(3))
    claim = begin(world, dead, "host:7")
    assert claim
    with world.uow() as uow:
        once = world.settings.model_copy(update={"job_attempts": 1})
        processing.retry_or_discard(uow, once, claim, "FFmpeg ended with 1: no space left")
    said.clear()
    for method, path in (
        ("POST", f"/api/admin/jobs/{stopped}/cancel"),
        ("POST", f"/api/jobs/{other}/cancel"),
        ("POST", f"/api/admin/jobs/{dead}/retry"),
        ("PUT", "/api/admin/drain"),
        ("DELETE", "/api/admin/drain"),
    ):
        assert api.request(method, path, headers=organizer.headers).status_code == 200, path
    by = {"account_id": str(organizer.id)}
    assert unaudited(said) == [
        ("operators.job.cancelled", by | {"job_id": str(stopped)}),
        ("operators.job.cancelled", by | {"job_id": str(other)}),
        ("operators.job.retried", by | {"job_id": str(dead)}),
        ("operators.drain.started", by),
        ("operators.drain.ended", by),
    ]


def test_what_its_owner_does_to_a_job_is_no_event(world: World, said: list[tuple[str, dict[str, str]]]) -> None:
    player = world.player()
    sent = player.upload()
    said.clear()
    assert world.client.post(f"/api/jobs/{sent.task_id}/cancel", headers=player.headers).status_code == 200
    assert said == []


def test_a_taken_address_is_refused_before_anything_is_hashed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.client.post("/api/auth/signup", json=form(email=EMAIL)).status_code == 201
    hashed: list[str] = []
    monkeypatch.setattr(world.ports.passwords, "hash", hashed.append)
    assert world.client.post("/api/auth/signup", json=form(email=EMAIL)).status_code == 400
    assert hashed == []


def test_a_limit_that_is_reached_is_named_with_whose_account_it_was(
    world: World, said: list[tuple[str, dict[str, str]]]
) -> None:
    video_id, voter = published(world, world.player()), world.player("Vera Vota")
    with calling(world, HOME, rate_vote="1/day", rate_sign_up="1/day") as visitor:
        said.clear()
        assert [voted(visitor, voter.id, video_id) for _ in range(2)] == [200, 429]
        assert [sign_up(visitor).status_code for _ in range(2)] == [201, 429]
    reached = [whose for event, whose in said if event == "web.limit.reached"]
    assert reached == [{"policy": "vote-86400", "account_id": str(voter.id)}, {"policy": "sign-up-86400"}]
