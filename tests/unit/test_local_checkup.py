"""What `anb doctor` concludes from the queue of jobs, and from settings that do not fit together."""

from pathlib import Path

import pytest

from anb.local.data_folder import DataFolder
from anb.local.doctor.challenges import challenges
from anb.local.doctor.checkup import Checkup
from anb.local.doctor.engines import jobs
from anb.settings import StackSettings, load

LINE = {"due": 3, "running": 1, "dead": 0, "drained": False}


def test_a_line_that_moves_is_well() -> None:
    found = jobs(LINE)
    assert (found.state, found.found) == ("ok", "3 wait, 1 under way, 0 dead letters")


def test_a_dead_letter_is_a_warning_that_says_who_lists_it() -> None:
    found = jobs(LINE | {"dead": 2})
    assert (found.state, found.found) == ("warn", "3 wait, 1 under way, 2 dead letters")
    assert "anb jobs dead" in found.advice


def test_a_drain_is_a_warning_that_says_how_it_ends_though_letters_are_dead_too() -> None:
    found = jobs(LINE | {"dead": 2, "drained": True})
    assert found.state == "warn"
    assert found.found.startswith("drained")
    assert "--off" in found.advice


def states(asked: str, **given: object) -> list[str]:
    checkup = Checkup(load(StackSettings, **given), DataFolder(Path("var")), False, {"ANB_CHALLENGE_VOTES": asked})
    return [found.state for found in challenges(checkup)]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, "ok"),
        ({"http_host": "::1"}, "ok"),
        ({"http_host": "0.0.0.0"}, "warn"),  # noqa: S104 - a setting for phones on one's network
        ({"public_url": "http://anb.example"}, "warn"),
        ({"public_url": "http://localhost:8080"}, "ok"),
        ({"http_host": "0.0.0.0", "public_url": "https://anb.example"}, "ok"),  # noqa: S104 - behind a proxy
    ],
    ids=["this machine", "by IPv6", "phones nearby", "plain http", "named localhost", "https"],
)
def test_challenges_that_no_browser_can_solve_are_a_warning(given: dict[str, object], state: str) -> None:
    assert states("always", **given) == states("doubtful", **given) == [state]
    assert states("never", **given) == []
