"""The report of a run: waits are counted once and from the fault on, and whatever is broken misses its goal."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from verify.chaos.conductor import Score, Struck
from verify.chaos.evidence import ChaosEvidence, JobRow, VideoRow, Vote
from verify.chaos.fault_context import FaultContext, RunningAttempt
from verify.chaos.journal import Journal, JournalEntry
from verify.chaos.mail_sink import DeliveredMail, MailSink
from verify.chaos.report import figures, findings, record
from verify.chaos.run import ChaosOutcome, ChaosPlan
from verify.chaos.share import Share
from verify.chaos.writes import WriteOrder
from verify.kit import results
from verify.kit.platform import ChaosPlatform

PLAN = ChaosPlan(seed=1, faults=2, seconds=60)
EMPTY = ChaosEvidence([], [], {}, {}, [], [], {}, {}, {}, 3)
# One accepted clip that became an edit, and one vote for it.
CLIP = VideoRow("v", "processed", None, "originals/v", "sum", public=True)
JOURNAL = [
    JournalEntry(1, "sending", {"sha256": "sum", "code": 5}),
    JournalEntry(2, "accepted", {"task": "t", "video": "v", "sha256": "sum", "network": "reset@middle"}),
    *(JournalEntry(3, say, {"email": "e", "video": "v"}) for say in ("voting", "voted")),
    *(JournalEntry(3, say, {"act": "approve", "video": "v"}) for say in ("acting", "acted")),
    JournalEntry(3, "reviewed", {"act": "void", "votes": 1}),
    JournalEntry(3, "joined", {"email": "e"}),
    JournalEntry(4, "followed", {"task": "t", "state": "done"}),
]
MAIL = DeliveredMail("e", "<m@anb.example>", ())
JOB = JobRow("t", "v", "done", 0, over=True)
WELL = ChaosEvidence(
    JOURNAL, [], {"v": CLIP}, {"t": JOB}, [], [Vote("e", "v")], {"originals/v": "sum"}, {}, {"v": 1}, 3, [MAIL]
)


class FakeDatabase:
    """Answers each query with the same rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    def query(self, _statement: str, *_values: object) -> list[tuple[Any, ...]]:
        return self.rows


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def context(database: FakeDatabase, tmp_path: Path) -> Iterator[FaultContext]:
    share = Share(tmp_path, tmp_path, None, None)
    with closing(Journal(tmp_path / "own")) as own:
        yield FaultContext(cast("ChaosPlatform", database), share, random.Random(1), own, MailSink(), 2, 0)


class TestWaits:
    def test_a_job_that_runs_again_took_from_the_blow_to_its_next_try(
        self, context: FaultContext, database: FakeDatabase
    ) -> None:
        context.held = [RunningAttempt("job", 1, since=100.0)]
        database.rows = [(1, 90.0, False)]
        assert (context.again(), len(context.held)) == ([], 1)
        database.rows = [(2, 112.5, False)]
        assert context.again() == [(RunningAttempt("job", 1, 100.0), 12.5)]
        assert context.held == []
        assert context.again() == []

    def test_a_job_that_had_just_been_done_is_not_waited_for(
        self, context: FaultContext, database: FakeDatabase
    ) -> None:
        context.held, database.rows = [RunningAttempt("job", 1, since=100.0)], [(1, 90.0, True)]
        assert (context.again(), context.held) == ([], [])

    def test_the_queue_moves_once_a_job_begins_after_it_was_back(
        self, context: FaultContext, database: FakeDatabase
    ) -> None:
        assert context.moved() == []
        context.queue_back, database.rows = 100.0, [(None,)]
        assert context.moved() == []
        database.rows = [(103.5,)]
        assert context.moved() == [3.5]
        assert context.moved() == []


def outcome(score: Score, seen: ChaosEvidence = WELL, order: WriteOrder | None = None) -> ChaosOutcome:
    return ChaosOutcome(score, seen, order, 60)


def missed(of: ChaosOutcome) -> set[str]:
    return {figure.name for figure in figures(PLAN, of) if figure.met is False}


class TestFigures:
    whole = Score(struck=[Struck(("one", "two"), 1, 2)], again=[5.0, 19.0], moved=[1.0])

    def test_a_run_in_which_all_holds_misses_nothing(self) -> None:
        assert missed(outcome(self.whole, order=WriteOrder("/share"))) == set()

    def test_a_slow_recovery_is_missed_by_its_95th_percentile(self) -> None:
        slow = Score(struck=self.whole.struck, again=[1.0, 21.0], moved=[20.5])
        assert missed(outcome(slow)) == {
            "worker killed → its job running again, p95",
            "queue back → a job begins, p95",
        }

    def test_a_run_that_nobody_could_use_proves_nothing_and_says_so(self) -> None:
        assert missed(outcome(self.whole, EMPTY)) == {
            "uploads accepted",
            "of them over bad networks",
            "share of them that became an edit",
            "votes accepted",
            "acts of organizers on clips",
            "reviews of doubtful votes",
            "sign-ups whose mail must arrive",
            "jobs followed live to their end",
        }

    def test_good_clips_that_all_fail_are_missed_though_each_has_a_reason(self) -> None:
        failed, over = CLIP._replace(status="failed", reason="por nuestra culpa"), JOB._replace(state="dead")
        told = [*JOURNAL[:-1], JournalEntry(4, "followed", {"task": "t", "state": "failed"})]
        found = outcome(self.whole, replace(WELL, journal=told, videos={"v": failed}, jobs={"t": over}))
        assert missed(found) == {"share of them that became an edit"}

    def test_too_few_faults_a_part_that_stays_away_and_a_lost_upload_are_missed(self) -> None:
        lost = replace(EMPTY, journal=JOURNAL[1:2])
        found = outcome(Score(broken=["web is not back"]), lost, WriteOrder("/share", findings=["x"]))
        assert missed(found) == {
            "faults injected",
            "share of them that became an edit",
            "votes accepted",
            "acts of organizers on clips",
            "reviews of doubtful votes",
            "sign-ups whose mail must arrive",
            "jobs followed live to their end",
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
