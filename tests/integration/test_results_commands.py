"""The commands of results: what operators see before, at and after a freeze, and the files that they write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from support.browser_client import published
from support.closing import SLUG, settled
from support.commands import Anb, anb_on
from support.leaving import vote
from support.worlds import World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    assert vote(world, world.player("Ana Paz"), published(world, world.player())) == 200
    yield from anb_on(world, monkeypatch)


def test_it_says_what_results_wait_for_and_then_shows_them(world: World, anb: Anb) -> None:
    assert "the season is open, or is being counted" in anb("season", "results", SLUG).output
    settled(world)
    done = anb("season", "results", SLUG, "--check")
    assert done.exit_code == 0, done.output
    assert "Version 1" in done.output
    assert "Rows, tallies, log and results are equal." in done.output


def test_a_difference_is_named_and_ends_with_an_error(world: World, anb: Anb) -> None:
    settled(world)
    with world.uow() as uow:
        uow.execute(text("update player_tallies set votes = votes + 1"))
    done = anb("season", "results", SLUG, "--check")
    assert done.exit_code == 1
    assert "Different: player" in done.output


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_file_has_the_form_of_its_ending(world: World, anb: Anb, tmp_path: Path, form: str) -> None:
    settled(world)
    to = tmp_path / f"resultados.{form}"
    done = anb("season", "export", SLUG, str(to))
    assert done.exit_code == 0, done.output
    assert to.read_bytes() == world.client.get(f"/api/public/seasons/{SLUG}/results.{form}").content or form == "xlsx"
    assert to.stat().st_size > 100


def test_another_ending_is_refused(world: World, anb: Anb, tmp_path: Path) -> None:
    settled(world)
    assert anb("season", "export", SLUG, str(tmp_path / "resultados.pdf")).exit_code == 2
