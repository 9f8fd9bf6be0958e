"""A sample of the simulation: what the rules catch of a farm, and what they leave alone. `make fraud` plays all."""

import pytest
from verify.fraud.playing import FraudOutcome, play
from verify.fraud.report import figures
from verify.fraud.scenarios import SCENARIOS, drawn

from anb.settings.fraud import FraudSettings
from support.worlds import World


def played(world: World, name: str) -> FraudOutcome:
    scenario = SCENARIOS[name]
    return play(world.database, drawn(name, seed=1, around=100), scenario.seconds, 1800, FraudSettings())


@pytest.mark.parametrize("name", ["farm", "school"])
def test_farms_are_held_and_schools_count(world: World, name: str) -> None:
    outcome = played(world, name)
    assert [figure.name for figure in figures({name: outcome}) if figure.met is False] == []
    assert outcome.cast["people"] > 200
    assert outcome.held["farm"] >= 0.95 * outcome.cast["farm"]


def test_the_same_seed_draws_the_same_votes() -> None:
    assert drawn("school", 7, 50).votes == drawn("school", 7, 50).votes
    assert drawn("school", 7, 50).votes != drawn("school", 8, 50).votes


def test_a_farm_that_the_rules_do_not_see_is_counted_and_has_no_goal(world: World) -> None:
    outcome = played(world, "careful")
    assert outcome.farm_share > 50
    assert [figure.met for figure in figures({"careful": outcome})] == [None, True]
