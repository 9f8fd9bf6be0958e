"""What operators do by the console: erase an account, list the requests, apply retention or count what it would do."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from support.commands import Anb, anb_on
from support.leaving import ask
from support.worlds import SECRET, World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    """Run `anb` on the world's database, on a web server."""
    monkeypatch.setenv("ANB_SECRET_KEY", SECRET)
    yield from anb_on(world, monkeypatch)


def test_an_account_is_erased_once_the_operator_has_confirmed_it(world: World, anb: Anb) -> None:
    player = world.player()
    assert anb("user", "erase", player.email).exit_code == 1  # no answer is no
    done = anb("user", "erase", player.email.upper(), "--yes")
    assert done.exit_code == 0, done.output
    with world.uow() as uow:
        assert uow.execute(text("select first_name from users")).scalar_one() == "Cuenta"
    assert anb("user", "erase", player.email, "--yes").exit_code == 1
    listed = anb("privacy", "erasures")
    assert "operator" in listed.output
    assert "1 accounts" in listed.output


def test_a_request_of_the_person_is_carried_out_at_once_by_an_operator(world: World, anb: Anb) -> None:
    player = world.player()
    asked = ask(world, player, by="person")
    done = anb("user", "erase", player.email, "--yes")
    assert f"{asked}: done" in done.output


def test_an_overdue_request_is_said_by_the_status(world: World, anb: Anb) -> None:
    ask(world, world.player(), by="person")
    assert anb("privacy", "erasures").exit_code == 0
    with world.uow() as uow:
        uow.execute(text("update erasures set due_at = now() - interval '1 day'"))
    late = anb("privacy", "erasures")
    assert late.exit_code == 1
    assert "overdue" in late.output


def test_a_dry_run_counts_and_removes_nothing(world: World, anb: Anb) -> None:
    world.player()
    with world.uow() as uow:
        uow.execute(text("update users set confirmable_at = now() - interval '3 years'"))
    assert "unconfirmed accounts │ 1" in " ".join(anb("privacy", "retention", "--dry-run").output.split())
    with world.uow() as uow:
        assert uow.execute(text("select count(*) from users")).scalar_one() == 1
    assert "unconfirmed accounts │ 1" in " ".join(anb("privacy", "retention").output.split())
    with world.uow() as uow:
        assert uow.execute(text("select count(*) from users")).scalar_one() == 0
