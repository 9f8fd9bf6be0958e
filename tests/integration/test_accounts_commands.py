"""`anb user`: what an operator does without a mail server."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from anb.cli import app, user
from anb.settings import WrongSetting
from support.browser_client import browser_client, form
from support.inbox import inbox
from support.worlds import World

Anb = Callable[..., Result]


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    """Run `anb user …` on the world's database."""
    known = world.settings
    monkeypatch.setenv("ANB_DATABASE_URL", str(known.database_url))
    monkeypatch.setenv("ANB_REDIS_URL", str(known.redis_url))
    monkeypatch.setenv("ANB_MEDIA_ROOT", str(known.media_root))
    monkeypatch.setenv("ANB_DATA_DIR", str(known.work_dir))
    monkeypatch.setenv("COLUMNS", "240")
    logging_before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield lambda *words: CliRunner().invoke(app, ["user", *words])
    structlog.configure(**logging_before)  # a command logs to its standard error of that moment
    logging.getLogger().handlers[:] = handlers


def test_an_account_is_shown_and_confirmed(world: World, anb: Anb) -> None:
    email = world.player("Lucía Ríos", "Cali").email
    shown = anb("show", email.upper()).stdout
    assert all(text in shown for text in (email, "lucia.rios", "Cali, Colombia", "player", "es"))
    for _ in range(2):
        assert anb("confirm", email).stdout == "The e-mail of lucia.rios is confirmed.\n"
    assert " UTC" in anb("show", email).stdout


def test_all_accounts_are_listed_page_by_page(world: World, anb: Anb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user, "PAGE", 2)
    emails = [world.player(f"Persona N{n}").email for n in range(5)]
    listed = anb("list").stdout
    assert sorted(emails, key=listed.index) == emails
    assert sum(email in anb("list", "--limit", "3").stdout for email in emails) == 3


def test_a_printed_link_sets_another_password(world: World, anb: Anb) -> None:
    email = world.player().email
    link = anb("reset-password", email).stdout.strip()
    path = link.removeprefix("http://127.0.0.1:8080")
    assert path.startswith("/account/reset?token=")
    words = {"token": path.partition("=")[2], "password1": "otra-cosa-9", "password2": "otra-cosa-9"}
    with browser_client(world) as visitor:
        assert visitor.post("/account/reset", data=words).status_code == 303
        assert visitor.post("/login", data={"email": email, "password": "otra-cosa-9"}).status_code == 303


def test_links_begin_with_the_public_address(world: World, anb: Anb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANB_PUBLIC_URL", "https://anb.example/")
    assert anb("reset-password", world.player().email).stdout.startswith("https://anb.example/account/reset?")


@pytest.mark.parametrize(("role", "shown"), [("organizer", "organización"), ("administrator", "administración")])
def test_an_invited_person_gets_the_role(world: World, anb: Anb, role: str, shown: str) -> None:
    link = anb("invite", "Olga@Example.com", "--role", role).stdout.strip()
    assert [mail.kind for mail in inbox(world, "olga@example.com")] == ["invitation"]
    with browser_client(world) as visitor:
        assert shown in visitor.get(link.removeprefix("http://127.0.0.1:8080")).text
        person = form(email="") | {"token": link.partition("=")[2]}
        assert visitor.post("/account/invitation", data=person).status_code == 303
    assert role in anb("show", "olga@example.com").stdout


def test_an_invitation_is_in_the_language_that_was_said(world: World, anb: Anb) -> None:
    assert anb("invite", "olga@example.com", "--language", "en").exit_code == 0
    assert [mail.language for mail in inbox(world, "olga@example.com")] == ["en"]
    assert isinstance(anb("invite", "eva@example.com", "--language", "xx").exception, WrongSetting)
    assert inbox(world, "eva@example.com") == []


def test_all_sessions_of_an_account_end(world: World, anb: Anb) -> None:
    player, other = world.player(), world.player("Ana Otra")
    world.open(player.id)
    assert anb("end-sessions", player.email).stdout == "Sessions of lucia.rios that were ended: 2.\n"
    assert world.client.get("/api/videos", headers=player.headers).status_code == 401
    assert world.client.get("/api/videos", headers=other.headers).status_code == 200


@pytest.mark.parametrize("command", ["show", "confirm", "reset-password", "end-sessions"])
def test_an_unknown_address_is_an_error(anb: Anb, command: str) -> None:
    done = anb(command, "nadie@example.com")
    assert done.exit_code == 1
    assert done.stdout == ""
