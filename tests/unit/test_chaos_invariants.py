"""The checker of chaos runs must be able to fail: it reports each broken state, and nothing for a whole one."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from verify.chaos import invariants
from verify.chaos.evidence import ChaosEvidence, JobRow, MailRow, RenditionRow, VideoRow, Vote
from verify.chaos.journal import JournalEntry
from verify.chaos.mail_sink import DeliveredMail

KINDS = ("processed", "light", "poster", "sprite", "thumbnails")
CLIP = {"code": 7, "sha256": "aa", "email": "p@x"}


def edit(video: str, kinds: tuple[str, ...] = KINDS) -> list[RenditionRow]:
    return [RenditionRow(video, kind, f"edits/{video}.{kind}", f"{video}{kind}") for kind in kinds]


def files(renditions: list[RenditionRow]) -> dict[str, str]:
    return {"originals/a.mp4": "aa"} | {one.key: one.sha256 for one in renditions}


MAIL = DeliveredMail("ana@x", "<m1@anb.example>", ("http://x/?token=1",))
WHOLE = ChaosEvidence(
    journal=[
        JournalEntry(1, "sending", CLIP),
        JournalEntry(2, "accepted", {**CLIP, "task": "t1", "video": "v1"}),
        JournalEntry(3, "voting", {"email": "f@x", "video": "v1"}),
        JournalEntry(4, "voted", {"email": "f@x", "video": "v1"}),
        JournalEntry(5, "joined", {"email": "ana@x"}),
        JournalEntry(5, "followed", {"task": "t1", "state": "done"}),
        JournalEntry(12, "broken", {"sent": 11, "path": "/api/videos", "status": 503, "detail": ""}),
        JournalEntry(12, "cut", {"sent": 11, "path": "/api/videos", "why": ""}),
    ],
    faults=[(10, 20)],
    videos={"v1": VideoRow("v1", "processed", None, "originals/a.mp4", "aa", True)},
    jobs={"t1": JobRow("t1", "v1", "done", 3, True)},
    renditions=edit("v1"),
    votes=[Vote("f@x", "v1")],
    files=files(edit("v1")),
    codes={"edits/v1.processed": 7},
    shown_votes={"v1": 1},
    attempts=3,
    delivered=[MAIL],
    mails=[MailRow("m1", "sent", None)],
)
FAILED = VideoRow("v1", "failed", "No se puede leer.", "originals/a.mp4", "aa", False)


def told(seen: ChaosEvidence) -> dict[str, list[str]]:
    """Return the checker's findings, by invariant."""
    found = {check.__name__: list(check(seen)) for check in invariants.CHECKS.values()}
    return {name: cases for name, cases in found.items() if cases}


def with_video(**more: Any) -> ChaosEvidence:
    return replace(WHOLE, videos={"v1": WHOLE.videos["v1"]._replace(**more)})


def with_job(**more: Any) -> ChaosEvidence:
    return replace(WHOLE, jobs={"t1": WHOLE.jobs["t1"]._replace(**more)})


def with_entry(entry: JournalEntry) -> ChaosEvidence:
    return replace(WHOLE, journal=[*WHOLE.journal, entry])


def acted(act: str, **more: Any) -> ChaosEvidence:
    seen = with_video(**more)
    entries = [JournalEntry(at, say, {"act": act, "video": "v1"}) for at, say in ((6, "acting"), (7, "acted"))]
    return replace(seen, journal=[*seen.journal, *entries])


def taken_down(**more: Any) -> ChaosEvidence:
    return replace(acted("take-down", state="taken down", public=False), shown_votes={}, **more)


def test_an_act_of_an_organizer_holds() -> None:
    assert told(acted("approve")) == {}
    hidden = replace(acted("hide", state="hidden", public=False), shown_votes={})
    assert told(hidden) == {}
    assert told(taken_down(renditions=[], files={}, codes={})) == {}
    unanswered = JournalEntry(8, "acting", {"act": "approve", "video": "v1"})
    assert told(replace(hidden, journal=[*hidden.journal, unanswered])) == {}


def test_a_vote_that_is_void_is_kept_and_not_shown() -> None:
    assert told(replace(WHOLE, votes=[Vote("f@x", "v1", counts=False)], shown_votes={"v1": 0})) == {}


def test_a_state_that_keeps_every_promise_breaks_nothing() -> None:
    assert told(WHOLE) == {}


def test_a_failure_with_a_reason_is_an_honest_end() -> None:
    failed = replace(WHOLE, videos={"v1": FAILED}, renditions=[], files={"originals/a.mp4": "aa"})
    failed = replace(
        failed, journal=[*WHOLE.journal[:4], JournalEntry(5, "followed", {"task": "t1", "state": "failed"})]
    )
    assert told(replace(failed, jobs={"t1": JobRow("t1", "v1", "failed", 3, True)})) == {}
    assert told(replace(failed, jobs={"t1": JobRow("t1", "v1", "dead", 3, True)})) == {}


def test_the_part_of_an_upload_that_may_still_go_on_is_nobodys_loss() -> None:
    given_up = dict(WHOLE.files) | {"incoming/x.part": "x"}
    assert "orphaned" in told(replace(WHOLE, files=given_up))
    assert told(replace(WHOLE, files=given_up, open_parts=["incoming/x.part"])) == {}


BROKEN = {
    "an accepted job that is not over": (with_job(state="queued", over=False), "unended"),
    "an accepted job without a row": (replace(WHOLE, jobs={}), "unended"),
    "an accepted video without a row": (replace(WHOLE, videos={}), "unended"),
    "a job that ended and left its video waiting": (with_video(status="uploaded"), "unended"),
    "a failure without a reason": (with_video(status="failed"), "unended"),
    "two jobs that both made the edit": (
        replace(WHOLE, jobs=dict(WHOLE.jobs) | {"t2": JobRow("t2", "v1", "done", 1, True)}),
        "doubled",
    ),
    "a second edit of a video": (replace(WHOLE, renditions=[*edit("v1"), edit("v1")[0]]), "doubled"),
    "an edit of a video that failed": (replace(WHOLE, videos={"v1": FAILED}), "doubled"),
    "half an edit": (replace(WHOLE, renditions=edit("v1", KINDS[:2]) + edit("v2")), "doubled"),
    "the edit of another clip": (replace(WHOLE, codes={"edits/v1.processed": 8}), "wrong"),
    "an edit without a number": (replace(WHOLE, codes={"edits/v1.processed": "no picture"}), "wrong"),
    "an original that no client sent": (with_video(original_sha256="bb"), "wrong"),
    "somebody else's original": (
        replace(
            with_video(original_sha256="bb"),
            journal=[JournalEntry(0, "sending", CLIP | {"sha256": "bb"}), *WHOLE.journal],
        ),
        "wrong",
    ),
    "a file that is gone": (replace(WHOLE, files={"originals/a.mp4": "aa"}), "damaged"),
    "a file with other bytes": (replace(WHOLE, files=dict(WHOLE.files) | {"originals/a.mp4": "ab"}), "damaged"),
    "a file that no row knows": (replace(WHOLE, files=dict(WHOLE.files) | {"edits/x.mp4": "x"}), "orphaned"),
    "a vote that is lost": (replace(WHOLE, votes=[]), "miscounted"),
    "a vote that stands twice": (replace(WHOLE, votes=[*WHOLE.votes, *WHOLE.votes]), "miscounted"),
    "a vote nobody cast": (replace(WHOLE, votes=[*WHOLE.votes, Vote("g@x", "v1")]), "miscounted"),
    "a public count that is not the rows'": (replace(WHOLE, shown_votes={"v1": 2}), "miscounted"),
    "a void vote that is shown": (replace(WHOLE, votes=[Vote("f@x", "v1", counts=False)]), "miscounted"),
    "a log that is another one than before": (replace(WHOLE, count_differs=["DIFFERS: it was forked."]), "differing"),
    "a clip that is public although it was hidden": (acted("hide"), "undone"),
    "a clip that was taken down and is only hidden": (
        replace(acted("take-down", state="hidden", public=False), shown_votes={}),
        "undone",
    ),
    "files of a clip that was taken down": (taken_down(), "orphaned"),
    "renditions of a clip that was taken down": (taken_down(), "doubled"),
    "a live stream that told another end": (
        with_entry(JournalEntry(5, "followed", {"task": "t1", "state": "failed"})),
        "misled",
    ),
    "a live stream that told none": (with_entry(JournalEntry(5, "unheard", {"task": "t1"})), "misled"),
    "a sign-up without its mail": (replace(WHOLE, delivered=[], mails=[]), "unmailed"),
    "a mail that is said to be sent": (replace(WHOLE, mails=[*WHOLE.mails, MailRow("m2", "sent", None)]), "unmailed"),
    "a mail that is dead": (replace(WHOLE, mails=[MailRow("m1", "dead", "451")]), "unmailed"),
    "a mail that came twice with another link": (
        replace(WHOLE, delivered=[MAIL, replace(MAIL, links=("http://x/?token=2",))]),
        "contradictory",
    ),
    "two mails for one sign-up": (
        replace(WHOLE, delivered=[MAIL, replace(MAIL, message_id="<m2@anb.example>")]),
        "contradictory",
    ),
    "one try too many": (with_job(spent=4), "too_often"),
    "a good clip refused": (with_entry(JournalEntry(3, "refused", {**CLIP, "status": 400, "detail": "?"})), "refused"),
    "a 500 in the middle of a fault": (
        with_entry(JournalEntry(12, "broken", {"sent": 11, "path": "/", "status": 500, "detail": ""})),
        "crashed",
    ),
    "a 5xx before the fault": (
        with_entry(JournalEntry(9, "broken", {"sent": 8, "path": "/", "status": 500, "detail": ""})),
        "broken_at_rest",
    ),
    "a 5xx after it recovered": (
        with_entry(JournalEntry(22, "broken", {"sent": 21, "path": "/", "status": 503, "detail": ""})),
        "broken_at_rest",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_told(what: str) -> None:
    seen, check = BROKEN[what]
    assert check in told(seen)


def test_an_answer_lost_at_rest_and_a_clip_kept_twice_are_counted() -> None:
    assert invariants.cut_at_rest(WHOLE) == 0
    assert invariants.cut_at_rest(with_entry(JournalEntry(22, "cut", {"sent": 21, "path": "/", "why": ""}))) == 1
    own_network = {"sent": 21, "path": "/", "why": "", "network": "reset@middle"}
    assert invariants.cut_at_rest(with_entry(JournalEntry(22, "cut", own_network))) == 0
    assert invariants.repeated(WHOLE) == 0
    again = {"v2": WHOLE.videos["v1"]._replace(id="v2")}
    assert invariants.repeated(replace(WHOLE, videos=dict(WHOLE.videos) | again)) == 1
    assert invariants.arrived_twice(WHOLE) == 0
    assert invariants.arrived_twice(replace(WHOLE, delivered=[MAIL, MAIL])) == 1
    assert told(replace(WHOLE, delivered=[MAIL, MAIL])) == {}


@pytest.mark.parametrize("module", ["invariants", "evidence", "journal", "mail_sink", "../kit/numbered_clips"])
def test_the_checker_shares_no_code_with_what_it_checks(module: str) -> None:
    path = Path(str(invariants.__file__)).parent / f"{module}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in named if name.split(".")[0] == "anb"}
