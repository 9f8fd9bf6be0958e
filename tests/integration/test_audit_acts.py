"""Each act of an operator or organizer leaves an entry in the audit trail, and organizers read it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from anb.audit import service as audit
from anb.audit.domain import Act, AuditEntry, AuditFilter
from anb.db.paging import Page
from support.browser_client import browser_client
from support.commands import Anb, anb_on
from support.consenting import ask_marta
from support.leaving import erase
from support.worlds import OPERATOR, World

# What an operator types about a person, and the act that it leaves.
ON_PEOPLE = {
    "user role {} juror --reason Jurado_de_Cali": Act.ROLE_GIVEN,
    "user unlock {} --reason Perdió_el_teléfono": Act.FACTORS_REMOVED,
    "user confirm {}": Act.EMAIL_CONFIRMED,
    "user reset-password {}": Act.PASSWORD_LINK_MADE,
    "user birth-year {} 1999": Act.BIRTH_YEAR_CORRECTED,
    "user guardian {}": Act.GUARDIAN_LINK_MADE,
    "user end-sessions {} --reason Teléfono_robado": Act.SESSIONS_ENDED,
    "user export {} --to {folder}/x.zip": Act.DATA_EXPORTED,
    "user erase {} --yes --reason Lo_pidió": Act.ERASURE_ASKED,
}
ELSEWHERE = {
    "user invite nueva@example.com --role juror": Act.PERSON_INVITED,
    "season close --yes --reason Fin": Act.SEASON_CLOSED,
    "jobs drain": Act.DRAIN_STARTED,
    "jobs drain --off": Act.DRAIN_ENDED,
    "videos reedit --all": Act.EDITS_QUEUED,
}


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    assert world.settings.secret_key
    monkeypatch.setenv("ANB_SECRET_KEY", world.settings.secret_key.get_secret_value())
    yield from anb_on(world, monkeypatch)


def entries(world: World, wanted: AuditFilter | None = None) -> list[AuditEntry]:
    with world.database.reading() as uow:
        return audit.list_entries(uow, wanted or AuditFilter(), Page(100)).rows


class TestCommands:
    @pytest.mark.parametrize("line", ON_PEOPLE)
    def test_an_act_on_a_person_is_recorded(self, world: World, anb: Anb, line: str, tmp_path: Path) -> None:
        world.season(asks_consent=True)
        player = world.player()
        ask_marta(player)
        words = line.format(player.email, folder=tmp_path).split()
        assert anb(*words).exit_code == 0
        entry = entries(world, AuditFilter(act=ON_PEOPLE[line]))[0]
        assert (entry.what.actor_role, entry.what.target_account_id) == ("operator", player.id)
        if "--reason" in words and words[1] != "erase":
            assert entry.reason == words[-1]

    @pytest.mark.parametrize("line", ELSEWHERE)
    def test_an_act_on_the_platform_is_recorded(self, world: World, anb: Anb, line: str) -> None:
        done = anb(*line.split())
        assert done.exit_code == 0, done.output
        assert entries(world)[0].what.act == ELSEWHERE[line]
        assert "@" in (entries(world)[0].name or "")

    def test_a_refused_act_is_not_recorded(self, world: World, anb: Anb) -> None:
        assert anb("user", "role", "nadie@example.com", "juror").exit_code == 1
        assert [entry.what.act for entry in entries(world)] == [Act.SEASON_OPENED]

    def test_the_trail_is_listed_and_verified(self, world: World, anb: Anb) -> None:
        player = world.player()
        anb("user", "role", player.email, "juror", "--reason", "Jurado de Cali")
        shown = anb("audit", "list").stdout
        assert all(part in shown for part in ("role_given", "season_opened", "Jurado de Cali", "2 of 2."))
        wanted = ("--act", "role_given", "--kind", "account", "--target", player.id, "--since", "2020-01-01")
        (listed,) = json.loads(anb("audit", "list", *wanted, "--json").stdout)
        assert listed["details"] == {"role": "juror", "now": False}
        head = anb("audit", "verify").stdout.split()[-1]
        assert anb("audit", "verify", "--head", head).exit_code == 0
        broken = anb("audit", "verify", "--head", head.replace("2:", "3:"))
        assert broken.exit_code == 1
        assert "entry 3 is missing" in str(broken.exception)


class TestInvitation:
    def test_a_role_that_came_by_an_invitation_leads_back_to_who_invited(self, world: World, anb: Anb) -> None:
        path = anb("user", "invite", "nueva@example.com", "--role", "juror").stdout.strip()
        words = {"first_name": "Nora", "last_name": "Nueva", "city": "Cali", "country": "Colombia"}
        secret = {"password1": "otra-cosa-99", "password2": "otra-cosa-99", "email": "nueva@example.com"}
        with browser_client(world) as visitor:
            token = path.partition("token=")[2]
            made = visitor.post("/account/invitation", data=words | secret | {"token": token})
            assert made.status_code == 303, made.text
        accepted, invited = entries(world)[:2]
        assert (accepted.what.act, invited.what.act) == (Act.INVITATION_ACCEPTED, Act.PERSON_INVITED)
        assert accepted.what.target_id == invited.what.target_id
        assert token not in repr(entries(world))


class TestEndpoint:
    def test_organizers_read_what_was_done_newest_first_page_by_page(self, world: World) -> None:
        organizer, player = world.organizer(), world.player()
        for _ in range(3):
            clip = player.upload()
            cancelled = f"/api/admin/jobs/{clip.task_id}/cancel"
            assert world.client.post(cancelled, headers=organizer.headers).status_code == 200
        address = "/api/admin/audit?act=job_cancelled&limit=2"
        first = world.client.get(address, headers=organizer.headers)
        assert first.headers["x-total-count"] == "3"
        onward = first.headers["link"].partition(">")[0].lstrip("<")
        rest = world.client.get(onward, headers=organizer.headers)
        rows = first.json() + rest.json()
        assert [row["number"] for row in rows] == [4, 3, 2]
        assert {row["actor_id"] for row in rows} == {str(organizer.id)}
        assert {(row["actor_role"], row["actor_name"]) for row in rows} == {("organizer", "olga.organiza")}
        assert {row["target_account_id"] for row in rows} == {str(player.id)}

    @pytest.mark.parametrize(
        ("query", "count"),
        [("actor={organizer}", 1), ("kind=queue", 1), ("kind=season", 1), ("account={organizer}", 0), ("target=x", 0),
         ("since=2999-01-01T00:00:00Z", 0), ("since=2020-01-01T00:00:00Z", 2)],
    )  # fmt: skip
    def test_filters_choose(self, world: World, query: str, count: int) -> None:
        organizer = world.organizer()
        world.client.put("/api/admin/drain", headers=organizer.headers)
        address = "/api/admin/audit?" + query.format(organizer=organizer.id)
        assert len(world.client.get(address, headers=organizer.headers).json()) == count

    @pytest.mark.parametrize("query", ["act=unknown", "since=ayer", "actor=x", "cursor=x", "target=%00"])
    def test_a_wrong_filter_is_refused(self, world: World, query: str) -> None:
        answer = world.client.get(f"/api/admin/audit?{query}", headers=world.organizer().headers)
        assert answer.status_code == 400


class TestErasure:
    def test_the_names_of_an_erased_person_go_and_the_chain_holds(self, world: World) -> None:
        organizer, player = world.organizer(), world.player()
        clip = player.upload()
        world.client.post(f"/api/admin/jobs/{clip.task_id}/cancel", headers=organizer.headers)
        with world.database.reading() as uow:
            head = audit.verify(uow)
        erase(world, organizer)
        (entry,) = entries(world, AuditFilter(act=Act.JOB_CANCELLED))
        assert (entry.name, entry.reason, entry.what.actor_id) == (None, None, organizer.id)
        with world.database.reading() as uow:
            assert audit.verify(uow, head) == head

    def test_names_and_reasons_go_after_years(self, world: World) -> None:
        with world.uow() as uow:
            assert audit.forget_before(uow, world.clock.now() - timedelta(days=1)) == 0
            assert audit.forget_before(uow, world.clock.now() + timedelta(days=1)) == 1
        assert [entry.name for entry in entries(world)] == [None]
        assert OPERATOR.name


def test_the_entry_names_the_account_by_its_id_alone(world: World, anb: Anb) -> None:
    player = world.player("Lucía Ríos", "Cali")
    anb("user", "confirm", player.email)
    (entry,) = entries(world, AuditFilter(account_id=player.id))
    assert player.email not in repr(entry)
    assert UUID(entry.what.target_id) == player.id
