"""What organizers see and decide of a jury: its spread, jurors set aside, standings; and what is kept of a juror."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts.domain import Role
from anb.audit import service as audit
from anb.audit.domain import AuditFilter
from anb.contest.domain import ReasonNeeded
from anb.db.paging import Page
from anb.jury import service
from anb.jury.clip_names import name_of
from anb.jury.domain import JuryStanding
from anb.privacy import archive
from support.browser_client import published
from support.commands import Anb, anb_on
from support.jury import SeatedJuror, clips_for, judged, season_of, seated
from support.leaving import close, erase, withdraw
from support.worlds import OPERATOR, World


@pytest.fixture
def jurors(world: World) -> list[SeatedJuror]:
    judged(world)
    return [seated(world, name) for name in ("Julia Jurado", "Jorge Jurado")]


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    yield from anb_on(world, monkeypatch)


def standings(world: World) -> list[JuryStanding]:
    with world.uow() as uow:
        season = service.judged_season(uow)
        return service.standings(uow, season)


def test_organizers_see_the_clips_that_are_disputed_first(world: World, jurors: list[SeatedJuror]) -> None:
    agreed, disputed, unseen = clips_for(world, 3)
    for juror, mark in zip(jurors, (2, 10), strict=True):
        juror.give(agreed, 7, 7)
        juror.give(disputed, mark, mark)
    address, headers = f"/api/admin/seasons/{season_of(world).slug}/jury", world.organizer().headers
    first = world.client.get(f"{address}/clips?limit=2", headers=headers)
    onward = first.headers["link"].partition(">")[0].lstrip("<")
    rows = first.json() + world.client.get(onward, headers=headers).json()
    assert [row["video_id"] for row in rows] == [str(one) for one in (disputed, agreed, unseen)]
    assert [rows[0][name] for name in ("mean", "deviation", "lowest", "highest")] == [6, 4, 2, 10]
    assert rows[2]["missing"] == [str(one.player.id) for one in jurors]
    people = world.client.get(f"{address}/jurors", headers=headers).json()
    assert [(row["name"], row["scored"]) for row in people] == [("Julia Jurado", 2), ("Jorge Jurado", 2)]


def test_a_juror_of_the_season_is_set_aside_with_a_reason(world: World, jurors: list[SeatedJuror]) -> None:
    address = f"/api/admin/seasons/{season_of(world).slug}/jury/jurors"
    headers, said = world.organizer().headers, {"reason": "Es su tío"}
    answer = world.client.post(f"{address}/{UUID(int=7)}/set-aside", json=said, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "juror-not-found")
    with world.uow() as uow, pytest.raises(ReasonNeeded):
        service.set_aside(uow, OPERATOR, season_of(world), jurors[0].player.id, "  ", aside=True)


def test_a_juror_set_aside_counts_no_more_and_scores_no_more(world: World, jurors: list[SeatedJuror], anb: Anb) -> None:
    clip = clips_for(world, 1)[0]
    strict, fair = jurors
    strict.give(clip, 1, 1)
    fair.give(clip, 9, 9)
    organizer, slug = world.organizer(), season_of(world).slug
    address = f"/api/admin/seasons/{slug}/jury/jurors/{strict.player.id}"
    for _ in range(2):  # a repeated click
        done = world.client.post(f"{address}/set-aside", json={"reason": "Es su tío"}, headers=organizer.headers)
        assert done.status_code == 200
    assert [one.score for one in standings(world)] == [9]
    assert (strict.queue()["scored"], strict.queue().get("next")) == (1, None)
    refused = strict.ask("PUT", f"/api/jury/clips/{name_of(world.ports, clip)}/score", json={"marks": {}})
    assert refused.json()["code"] == "scores-set-aside"
    assert anb("jury", "restore", slug, strict.player.id, "--reason", "No es su tío").exit_code == 0
    assert [one.score for one in standings(world)] == [5]
    with world.uow() as uow:
        found = audit.list_entries(uow, AuditFilter(account_id=strict.player.id), Page(10)).rows
    assert [(one.what.act, one.reason) for one in found[:2]] == [
        ("scores_restored", "No es su tío"), ("scores_set_aside", "Es su tío"),
    ]  # fmt: skip
    nobody = world.client.post(
        f"/api/admin/seasons/{slug}/jury/jurors/{organizer.id}/set-aside",
        json={"reason": "x"},
        headers=organizer.headers,
    )
    assert nobody.json()["code"] == "juror-not-found"


def test_scores_stay_when_the_role_goes(world: World, jurors: list[SeatedJuror], anb: Anb) -> None:
    clip = clips_for(world, 1)[0]
    jurors[0].give(clip, 8, 8)
    world.promoted(jurors[0].player, Role.PLAYER)
    assert [one.score for one in standings(world)] == [8]
    told = anb("jury", "status", season_of(world).slug)
    assert "no juror any more" in told.stdout
    assert str(clip) in anb("jury", "status", season_of(world).slug, "--json").stdout


def test_what_counts_is_what_the_public_saw_at_the_close(world: World, jurors: list[SeatedJuror]) -> None:
    owner = world.player("Lina Paz")
    early, late, hidden = (published(world, owner) for _ in range(3))
    for number, clip in enumerate((early, late, hidden)):
        jurors[0].give(clip, 9 - number, 9 - number)
    by = world.organizer().headers
    assert withdraw(world, owner, early)[0] == 200
    assert (
        world.client.post(f"/api/admin/moderation/{hidden}/hide", json={"reason": "x"}, headers=by).status_code == 200
    )
    assert [(one.video_id, one.clips) for one in standings(world)] == [(late, 1)]
    close(world)
    assert withdraw(world, owner, late)[0] == 200
    assert [(one.video_id, one.score) for one in standings(world)] == [(late, Fraction(8))]


def test_notes_are_in_the_archive_and_go_with_the_juror_or_the_player(world: World, jurors: list[SeatedJuror]) -> None:
    owners = [world.player("Ana Paz"), world.player("Eva Mar")]
    clips = [published(world, owner) for owner in owners]
    for juror in jurors:
        for clip in clips:
            juror.score(name_of(world.ports, clip), note=f"Nota de {juror.player.email}")
    with world.uow() as uow:
        told = archive.gather(uow, jurors[0].player.id)["jury_scores"]
    assert [row["note"] for row in told] == [f"Nota de {jurors[0].player.email}"] * 2
    close(world)
    erase(world, jurors[0].player)
    assert notes(world) == {(jurors[1].player.id, clip) for clip in clips}
    erase(world, owners[0])
    assert notes(world) == {(jurors[1].player.id, clips[1])}
    with world.uow() as uow:
        assert uow.execute(text("select count(*) from jury_scores where marks is not null")).scalar_one() == 4


def notes(world: World) -> set[tuple[UUID, UUID]]:
    with world.uow() as uow:
        rows = uow.execute(text("select juror_id, video_id from jury_scores where note is not null"))
        return {(row.juror_id, row.video_id) for row in rows}


def test_commands_say_the_rules_of_a_jury(world: World, anb: Anb) -> None:
    close(world)
    done = anb(
        "season", "create", "Con jurado", "--closes", "2099-01-01 00:00", "--jury-closes", "2099-01-03 00:00",
        "--results", "2099-01-04 00:00", "--rule", "criterion=technique:3:Técnica:Technique",
        "--rule", "criterion=style:1:Estilo:Style", "--rule", "jury_scale=0-5", "--rule", "jury_blind=no",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    season = season_of(world)
    assert season.jury is not None
    assert (season.jury.lowest, season.jury.highest, season.jury.blind) == (0, 5, False)
    assert [(one.name, one.weight, one.es) for one in season.jury.criteria] == [
        ("technique", 3, "Técnica"), ("style", 1, "Estilo"),
    ]  # fmt: skip
    assert season.jury_ends_at == datetime(2099, 1, 3, 5, tzinfo=UTC)
    assert "weight 3: Técnica / Technique" in anb("season", "show", season.slug).stdout
    for wrong in ("criterion=x", "criterion=x:0:a:b", "jury_scale=5-5", "jury_scale=1-99", "jury=yes"):
        refused = anb("season", "rules", season.slug, "--rule", wrong)
        assert refused.exit_code == 2, wrong
    assert anb("season", "rules", season.slug, "--rule", "jury=no").exit_code == 0
    assert season_of(world).jury is None
