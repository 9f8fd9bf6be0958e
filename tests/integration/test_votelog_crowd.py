"""A crowd votes through nginx while the counting process is killed and the database restarts: each vote counts once.

`make crowd-votes` does the same with 100,000 votes and more deaths.
"""

import signal

import pytest
from verify.votes import report
from verify.votes.race import Death, RacePlan, race

DEATHS = (Death(0.2, "reconcile", signal.SIGKILL), Death(0.5, "postgres", signal.SIGINT))


@pytest.mark.slow  # a platform of its own that is broken
def test_no_vote_is_lost_or_doubled_through_nginx_while_parts_die() -> None:
    outcome = race(RacePlan(2000, clips=4, processes=4, deaths=DEATHS), lambda _: None)
    assert outcome.findings == []
    assert len(outcome.broken) == len(DEATHS)
    assert outcome.checkpoints > 1
    assert outcome.promises > 0
    assert {figure.name: figure.met for figure in report.figures(outcome) if figure.met is False} == {}
