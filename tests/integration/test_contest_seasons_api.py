"""Organizers run seasons over HTTP and by `anb season`: the same rules, and each act in the audit trail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from support.browser_client import published
from support.commands import Anb, anb_on
from support.worlds import Player, World

PATH = "/api/admin/seasons"
FIRST = "temporada-de-prueba"


@pytest.fixture
def organizer(world: World) -> Player:
    return world.organizer()


def ask(organizer: Player, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    answer = organizer.world.client.request(method, PATH + path, json=body, headers=organizer.headers)
    shown = answer.json()
    return answer.status_code, shown.get("code", shown) if isinstance(shown, dict) else shown


def acts(world: World) -> list[tuple[str, str]]:
    with world.uow() as uow:
        rows = uow.execute(text("select act, coalesce(reason, '') why from audit_entries order by number")).all()
    return [(row.act, row.why) for row in rows if row.act.startswith("season_")][1:]


def days(number: float) -> str:
    return (datetime.now(UTC) + timedelta(days=number)).isoformat()


class TestApi:
    def test_a_season_is_created_moved_ruled_and_shown(self, world: World, organizer: Player) -> None:
        assert ask(organizer, "POST", f"/{FIRST}/close", {"reason": "fin"})[0] == 200
        calendar = {"opened_at": days(1), "closed_at": days(9), "results_at": days(10)}
        rules = {"cities": [{"name": "Bogotá", "spellings": ["Santafé"]}], "votes_per_day": 5}
        status, made = ask(organizer, "POST", "", {"name": "Temporada 2", "calendar": calendar, "rules": rules})
        assert (status, made["slug"], made["phase"]) == (201, "temporada-2", "scheduled")
        assert made["rules"]["asks_confirmation"]
        moved = ask(organizer, "PUT", "/temporada-2/calendar", calendar | {"closed_at": days(8)})
        assert moved[0] == 200
        ruled = ask(organizer, "PUT", "/temporada-2/rules", rules | {"votes_per_day": 6})
        assert ruled[1]["rules"]["votes_per_day"] == 6
        assert ask(organizer, "GET", "/temporada-2") == ruled
        assert [one["slug"] for one in ask(organizer, "GET", "")[1]] == ["temporada-2", FIRST]
        assert acts(world) == [
            ("season_closed", "fin"), ("season_scheduled", ""), ("season_rescheduled", ""), ("season_ruled", ""),
        ]  # fmt: skip

    def test_refusals_name_what_is_wrong(self, organizer: Player) -> None:
        overlapping = {"name": "Otra", "calendar": {"opened_at": days(1)}}
        assert ask(organizer, "POST", "", overlapping) == (400, "seasons-overlap")
        disordered = {"name": "Otra", "calendar": {"opened_at": days(2), "closed_at": days(1)}}
        assert ask(organizer, "POST", "", disordered) == (400, "invalid-calendar")
        assert ask(organizer, "POST", "", {"name": "Otra", "calendar": {"opened_at": "2027-01-01T00:00:00"}})[0] == 400
        assert ask(organizer, "GET", "/no-such") == (404, "season-not-found")
        assert ask(organizer, "POST", f"/{FIRST}/reopen", {"reason": "x"}) == (400, "season-not-closed")

    def test_once_votes_were_cast_a_reason_is_needed_and_kept(self, world: World, organizer: Player) -> None:
        clip = published(world, world.player())
        voted = world.client.post(f"/api/public/videos/{clip}/vote", headers=world.player("Ana Paz").headers)
        assert voted.status_code == 200
        assert ask(organizer, "PUT", f"/{FIRST}/rules", {"votes_per_day": 5}) == (400, "reason-needed")
        body = {"votes_per_day": 5, "asks_confirmation": False, "reason": "hubo abuso"}
        assert ask(organizer, "PUT", f"/{FIRST}/rules", body)[0] == 200
        assert ask(organizer, "POST", f"/{FIRST}/close", {})[0] == 200
        assert ask(organizer, "POST", f"/{FIRST}/close", {}) == (400, "season-closed")
        assert ask(organizer, "POST", f"/{FIRST}/reopen", {"reason": " "}) == (400, "reason-needed")
        reopened = ask(organizer, "POST", f"/{FIRST}/reopen", {"reason": "por error", "closed_at": days(1)})
        assert reopened[1]["phase"] == "votes"
        assert acts(world) == [("season_ruled", "hubo abuso"), ("season_closed", ""), ("season_reopened", "por error")]


class TestCommands:
    @pytest.fixture
    def anb(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
        yield from anb_on(world, monkeypatch)

    def test_a_season_lives_from_its_creation_to_its_reopening(self, world: World, anb: Anb) -> None:
        assert anb("season", "close", "--yes", "--reason", "fin").exit_code == 0
        made = anb(
            "season", "create", "Temporada 2", "--opens", "2090-02-01 08:00", "--closes", "2090-02-28 20:00:30",
            "--rule", "clips_per_player=3", "--rule", "city=Bogotá,Santafé", "--rule", "asks_consent=no",
        )  # fmt: skip
        assert made.exit_code == 0, made.output
        assert "2090-02-28 20:00:30" in made.output  # as it was written: Colombia's time
        assert "Bogotá, Santafé" in made.output
        moved = anb("season", "schedule", "temporada-2", "--closes", "2090-03-01 20:00")
        assert "2090-03-01 20:00:00" in moved.output
        assert "2090-02-01 08:00:00" in moved.output
        ruled = anb("season", "rules", "temporada-2", "--rule", "clips_per_player=")
        assert ruled.exit_code == 0, ruled.output
        listed = anb("season", "list").output
        assert "scheduled" in listed
        assert anb("season", "show", "temporada-2").exit_code == 0
        assert (
            anb("season", "reopen", FIRST, "--yes", "--closes", "2089-01-01 00:00", "--reason", "error").exit_code == 0
        )
        assert [act for act, _ in acts(world)] == [
            "season_closed", "season_scheduled", "season_rescheduled", "season_ruled", "season_reopened",
        ]  # fmt: skip

    def test_without_a_yes_nothing_is_closed_or_reopened(self, world: World, anb: Anb) -> None:
        assert anb("season", "close").exit_code == 1
        assert anb("season", "reopen", FIRST, "--reason", "x").exit_code == 1
        assert acts(world) == []

    @pytest.mark.parametrize(
        "rule", ["votes=3", "votes_per_day=0", "votes_per_day=x", "winners_per_city=", "moderated=1"]
    )
    def test_a_rule_that_is_none_is_refused(self, anb: Anb, rule: str) -> None:
        assert anb("season", "rules", FIRST, "--rule", rule).exit_code == 2
