"""What a run says of itself: waits are counted once and from the blow, and whatever is broken misses its goal."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from bench import results
from chaos.conduct import Score, Struck
from chaos.evidence import Evidence, Job, Video, Vote
from chaos.ground import Ground, Held
from chaos.journal import Entry, Journal
from chaos.report import figures, findings, record
from chaos.run import Outcome, Plan
from chaos.share import Share
from chaos.stack import Site
from chaos.writes import Order

PLAN = Plan(seed=1, faults=2, seconds=60)
EMPTY = Evidence([], [], {}, {}, [], [], {}, {}, {}, 3)
# One clip that was accepted and became an edit, and one vote for it.
CLIP = Video("v", "processed", None, "originals/v", "sum", public=True)
JOURNAL = [
    Entry(1, "sending", {"sha256": "sum", "code": 5}),
    Entry(2, "accepted", {"task": "t", "video": "v", "sha256": "sum"}),
    *(Entry(3, say, {"email": "e", "video": "v"}) for say in ("voting", "voted")),
]
JOB = Job("t", "v", "done", 0, over=True)
WELL = Evidence(JOURNAL, [], {"v": CLIP}, {"t": JOB}, [], [Vote("e", "v")], {"originals/v": "sum"}, {}, {"v": 1}, 3)


class Database:
    """Answers every question with the same rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def query(self, _statement: str, *_values: object) -> list[tuple[Any, ...]]:
        return self.rows


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def ground(database: Database, tmp_path: Path) -> Iterator[Ground]:
    share = Share(tmp_path, tmp_path, None, None)
    with closing(Journal(tmp_path / "own")) as own:
        yield Ground(cast("Site", database), share, random.Random(1), own, 2, 0)


class TestWaits:
    def test_a_job_that_runs_again_took_from_the_blow_to_its_next_try(self, ground: Ground, database: Database) -> None:
        ground.held = [Held("job", 1, since=100.0)]
        database.rows = [(1, 90.0, False)]
        assert (ground.again(), len(ground.held)) == ([], 1)
        database.rows = [(2, 112.5, False)]
        assert ground.again() == [(Held("job", 1, 100.0), 12.5)]
        assert ground.held == []
        assert ground.again() == []

    def test_a_job_that_had_just_been_done_is_not_waited_for(self, ground: Ground, database: Database) -> None:
        ground.held, database.rows = [Held("job", 1, since=100.0)], [(1, 90.0, True)]
        assert (ground.again(), ground.held) == ([], [])

    def test_the_queue_moves_once_a_job_begins_after_it_was_back(self, ground: Ground, database: Database) -> None:
        assert ground.moved() == []
        ground.queue_back, database.rows = 100.0, [(None,)]
        assert ground.moved() == []
        database.rows = [(103.5,)]
        assert ground.moved() == [3.5]
        assert ground.moved() == []


def outcome(score: Score, seen: Evidence = WELL, order: Order | None = None) -> Outcome:
    return Outcome(score, seen, order, 60)


def missed(of: Outcome) -> set[str]:
    return {figure.name for figure in figures(PLAN, of) if figure.met is False}


class TestFigures:
    whole = Score(struck=[Struck(("one", "two"), 1, 2)], again=[5.0, 19.0], moved=[1.0])

    def test_a_run_in_which_all_holds_misses_nothing(self) -> None:
        assert missed(outcome(self.whole, order=Order("/share"))) == set()

    def test_a_slow_recovery_is_missed_by_its_95th_percentile(self) -> None:
        slow = Score(struck=self.whole.struck, again=[1.0, 21.0], moved=[20.5])
        assert missed(outcome(slow)) == {
            "worker killed → its job running again, p95",
            "queue back → a job begins, p95",
        }

    def test_a_run_that_nobody_could_use_proves_nothing_and_says_so(self) -> None:
        assert missed(outcome(self.whole, EMPTY)) == {
            "uploads accepted",
            "share of them that became an edit",
            "votes accepted",
        }

    def test_good_clips_that_all_fail_are_missed_though_each_has_a_reason(self) -> None:
        failed, over = CLIP._replace(status="failed", reason="por nuestra culpa"), JOB._replace(state="dead")
        found = outcome(self.whole, replace(WELL, videos={"v": failed}, jobs={"t": over}))
        assert missed(found) == {"share of them that became an edit"}

    def test_too_few_faults_a_part_that_stays_away_and_a_lost_upload_are_missed(self) -> None:
        lost = replace(EMPTY, journal=JOURNAL[1:2])
        found = outcome(Score(broken=["web is not back"]), lost, Order("/share", findings=["x"]))
        assert missed(found) == {
            "faults injected",
            "share of them that became an edit",
            "votes accepted",
            "accepted uploads that never end",
            "parts or jobs that did not come back",
            "names given before the bytes were safe",
        }
        assert findings(found)["accepted uploads that never end"] == ["task t was accepted and its rows are gone"]

    def test_the_file_says_seed_faults_and_what_was_skipped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(results, "versions", dict)  # the engines need not be asked
        kept = record(PLAN, outcome(Score(struck=self.whole.struck, skipped={"three": "no bindfs"})), [0.5, 1.5])
        assert (kept["seed"], kept["faults"], kept["together"]) == (1, {"one": 1, "two": 1}, ["one + two"])
        assert kept["skipped"] == {"three": "no bindfs"}
