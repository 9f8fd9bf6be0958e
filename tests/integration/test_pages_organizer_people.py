"""The organizers' pages of people: find and show them, acts that ask first, and invitations."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.audit import service as audit
from anb.audit.domain import AuditFilter
from anb.db.paging import Page
from support.browser_client import HTML, OURS, browser_client
from support.inbox import inbox
from support.worlds import Player, World

HERE = "/organizer/people"


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def console(world: World) -> Iterator[TestClient]:
    """The browser of an administrator."""
    with browser_client(world, world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)) as browser:
        yield browser


def send(console: TestClient, path: str, **form: str) -> str:
    """Send a form; return where it led, or the page that it shows."""
    answer = console.post(f"{HERE}/{path}", data=form, headers=OURS)
    assert answer.status_code in {200, 303}, answer.text
    return answer.headers.get("location", answer.text)


def acts(world: World, player: Player) -> list[str]:
    with world.database.reading() as uow:
        found = audit.list_entries(uow, AuditFilter(account_id=player.id), Page(100)).rows
    return [entry.what.act for entry in found]


def test_people_are_found_by_name_mail_and_role(world: World, player: Player, console: TestClient) -> None:
    for asked in ("?q=luc", f"?q={player.email.upper()}", "?role=player", "?q=LUC%00&role=nobody"):
        page = console.get(f"{HERE}{asked}").text
        assert f"{HERE}/{player.id}" in page, asked
    for asked in ("?q=nadie", "?role=juror"):
        page = console.get(f"{HERE}{asked}").text
        assert f"{HERE}/{player.id}" not in page
        assert "Ninguna cuenta" in page
    shown = console.get(f"{HERE}/{player.id}").text
    assert player.email in shown
    assert f"{HERE}/{player.id}/rights/erase" in shown
    for number in range(30):
        world.player(f"Otra Persona{number}")
    onward = re.findall(r'rel="next" href="([^"]+)"', console.get(HERE).text)[0].replace("&amp;", "&")
    assert f"{HERE}/{player.id}" in console.get(onward).text


def test_each_act_of_an_organizer_asks_first_and_says_how_it_ended(
    world: World, player: Player, console: TestClient
) -> None:
    for act, form, told in (
        ("confirm", {}, "correo está confirmado"),
        ("birth-year", {"year": "2001"}, "año de nacimiento cambió"),
        ("unlock", {}, "segundo factor"),
        ("end-sessions", {}, "sesiones terminaron"),
    ):
        page = console.get(f"{HERE}/{player.id}/acts/{act}").text
        assert "Lucía Ríos" in page
        assert acts(world, player).count("sessions_ended") == 0  # to look does nothing
        onward = send(console, f"{player.id}/acts/{act}", **form)
        assert told in console.get(onward).text
    assert {"email_confirmed", "birth_year_corrected", "sessions_ended"} <= set(acts(world, player))
    assert "Termina 1 sesión" in console.get(f"{HERE}/{world.player('Otra Persona').id}/acts/end-sessions").text
    wrong = console.post(f"{HERE}/{player.id}/acts/birth-year", data={"year": "x"}, headers=OURS)
    assert wrong.status_code == 400
    assert "error-year" in wrong.text


def test_an_administrator_gives_a_role_and_asks_for_an_archive_and_an_erasure(
    world: World, player: Player, console: TestClient
) -> None:
    assert "confirm" in console.get(f"{HERE}/{player.id}").text
    place = f"{player.id}/rights"
    onward = send(console, f"{place}/role", role="juror", reason="Jurado de Cali")
    assert "papel cambió" in console.get(onward).text
    with world.database.reading() as uow:
        assert accounts.who(uow, player.id).is_juror
    assert "archivo de sus datos" in console.get(send(console, f"{place}/export")).text
    page = console.get(f"{HERE}/{place}/erase").text
    assert "7 días antes" in page
    refused = console.post(f"{HERE}/{place}/erase", data={"reason": " "}, headers=OURS)
    assert refused.status_code == 400
    assert "erasure_asked" not in acts(world, player)
    onward = send(console, f"{place}/erase", reason="Carta del 3 de noviembre")
    assert "se borra desde" in console.get(onward).text
    assert {"role_given", "export_asked", "erasure_asked"} <= set(acts(world, player))


def test_links_are_shown_once_where_no_mail_is_sent_and_mailed_where_it_is(
    world: World, player: Player, console: TestClient
) -> None:
    page = send(console, f"{player.id}/rights/reset")
    assert "https://testserver/account/reset?token=" in page
    assert console.post(f"{HERE}/{player.id}/rights/guardian", headers=OURS).status_code == 400  # is of age
    page = send(console, "invite", email="Nueva@Example.com", role="organizer", language="es")
    link = re.findall(r"https://testserver(/account/invitation\?token=[\w-]+)", page)[0]
    assert "organización" in console.get(link).text
    world.change(mail_is_sent=True)
    assert "token=" not in send(console, f"{player.id}/rights/reset")
    assert "token=" not in send(console, "invite", email="otra@example.com", role="juror", language="es")
    assert [mail.kind for mail in inbox(world, "otra@example.com")] == ["invitation"]
    for wrong in ({"email": "nada"}, {"email": player.email}, {"role": "rey"}):
        form = {"email": "x@example.com", "role": "juror", "language": "es"} | wrong
        answer = console.post(f"{HERE}/invite", data=form, headers=OURS)
        assert answer.status_code == 400, wrong
        assert form["email"] in answer.text


def test_an_organizer_sees_no_acts_of_administrators_and_may_not_act_on_one(world: World, player: Player) -> None:
    chief = world.promoted(world.player("Ada Administra"), Role.ADMINISTRATOR)
    with browser_client(world, world.organizer()) as console:
        page = console.get(f"{HERE}/{player.id}").text
        assert "/acts/confirm" in page
        assert "/rights/" not in page
        assert console.get(f"{HERE}/{player.id}/rights/role").status_code == 403
        assert console.get(f"{HERE}/invite").status_code == 403
        refused = console.post(f"{HERE}/{chief.id}/acts/end-sessions", headers=OURS)
        assert refused.status_code == 400
        assert "administra" in refused.text.lower()


def test_an_administrator_proves_who_they_are_again(world: World, player: Player, console: TestClient) -> None:
    world.clock.ahead = timedelta(seconds=world.settings.reauthentication_seconds + 60)
    answer = console.get(f"{HERE}/{player.id}/rights/role", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/account/confirm-password?next=")
