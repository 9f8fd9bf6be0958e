"""The checker of chaos runs must be able to fail: it is fed each broken state and must tell it, and a whole one not."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chaos import invariants
from chaos.evidence import Evidence, Job, Rendition, Video, Vote
from chaos.journal import Entry

KINDS = ("processed", "light", "poster", "sprite", "thumbnails")
CLIP = {"code": 7, "sha256": "aa", "email": "p@x"}


def edit(video: str, kinds: tuple[str, ...] = KINDS) -> list[Rendition]:
    return [Rendition(video, kind, f"edits/{video}.{kind}", f"{video}{kind}") for kind in kinds]


def files(renditions: list[Rendition]) -> dict[str, str]:
    return {"originals/a.mp4": "aa"} | {one.key: one.sha256 for one in renditions}


WHOLE = Evidence(
    journal=[
        Entry(1, "sending", CLIP),
        Entry(2, "accepted", {**CLIP, "task": "t1", "video": "v1"}),
        Entry(3, "voting", {"email": "f@x", "video": "v1"}),
        Entry(4, "voted", {"email": "f@x", "video": "v1"}),
        Entry(12, "broken", {"sent": 11, "path": "/api/videos", "status": 503, "detail": ""}),
        Entry(12, "cut", {"sent": 11, "path": "/api/videos", "why": ""}),
    ],
    faults=[(10, 20)],
    videos={"v1": Video("v1", "processed", None, "originals/a.mp4", "aa", True)},
    jobs={"t1": Job("t1", "v1", "done", 3, True)},
    renditions=edit("v1"),
    votes=[Vote("f@x", "v1")],
    files=files(edit("v1")),
    codes={"edits/v1.processed": 7},
    shown_votes={"v1": 1},
    attempts=3,
)
FAILED = Video("v1", "failed", "No se puede leer.", "originals/a.mp4", "aa", False)


def told(seen: Evidence) -> dict[str, list[str]]:
    """Return what the checker says, by invariant."""
    found = {check.__name__: list(check(seen)) for check in invariants.CHECKS.values()}
    return {name: cases for name, cases in found.items() if cases}


def with_video(**more: Any) -> Evidence:
    return replace(WHOLE, videos={"v1": WHOLE.videos["v1"]._replace(**more)})


def with_job(**more: Any) -> Evidence:
    return replace(WHOLE, jobs={"t1": WHOLE.jobs["t1"]._replace(**more)})


def with_entry(entry: Entry) -> Evidence:
    return replace(WHOLE, journal=[*WHOLE.journal, entry])


def test_a_state_that_keeps_every_promise_breaks_nothing() -> None:
    assert told(WHOLE) == {}


def test_a_failure_with_a_reason_is_an_honest_end() -> None:
    failed = replace(WHOLE, videos={"v1": FAILED}, renditions=[], files={"originals/a.mp4": "aa"})
    assert told(replace(failed, jobs={"t1": Job("t1", "v1", "failed", 3, True)})) == {}


BROKEN = {
    "an accepted job that is not over": (with_job(state="queued", over=False), "unended"),
    "an accepted job without a row": (replace(WHOLE, jobs={}), "unended"),
    "an accepted video without a row": (replace(WHOLE, videos={}), "unended"),
    "a job that ended and left its video waiting": (with_video(status="uploaded"), "unended"),
    "a failure without a reason": (with_video(status="failed"), "unended"),
    "two jobs that both made the edit": (
        replace(WHOLE, jobs=dict(WHOLE.jobs) | {"t2": Job("t2", "v1", "done", 1, True)}),
        "doubled",
    ),
    "a second edit of a video": (replace(WHOLE, renditions=[*edit("v1"), edit("v1")[0]]), "doubled"),
    "an edit of a video that failed": (replace(WHOLE, videos={"v1": FAILED}), "doubled"),
    "half an edit": (replace(WHOLE, renditions=edit("v1", KINDS[:2]) + edit("v2")), "doubled"),
    "the edit of another clip": (replace(WHOLE, codes={"edits/v1.processed": 8}), "wrong"),
    "an edit without a number": (replace(WHOLE, codes={"edits/v1.processed": "no picture"}), "wrong"),
    "an original that nobody sent": (with_video(original_sha256="bb"), "wrong"),
    "somebody else's original": (
        replace(
            with_video(original_sha256="bb"), journal=[Entry(0, "sending", CLIP | {"sha256": "bb"}), *WHOLE.journal]
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
    "one try too many": (with_job(spent=4), "too_often"),
    "a good clip refused": (with_entry(Entry(3, "refused", {**CLIP, "status": 400, "detail": "?"})), "refused"),
    "a 500 in the middle of a fault": (
        with_entry(Entry(12, "broken", {"sent": 11, "path": "/", "status": 500, "detail": ""})),
        "crashed",
    ),
    "a 5xx before the fault": (
        with_entry(Entry(9, "broken", {"sent": 8, "path": "/", "status": 500, "detail": ""})),
        "broken_at_rest",
    ),
    "a 5xx after it was mended": (
        with_entry(Entry(22, "broken", {"sent": 21, "path": "/", "status": 503, "detail": ""})),
        "broken_at_rest",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_told(what: str) -> None:
    seen, check = BROKEN[what]
    assert check in told(seen)


def test_an_answer_lost_at_rest_and_a_clip_kept_twice_are_counted() -> None:
    assert invariants.cut_at_rest(WHOLE) == 0
    assert invariants.cut_at_rest(with_entry(Entry(22, "cut", {"sent": 21, "path": "/", "why": ""}))) == 1
    assert invariants.repeated(WHOLE) == 0
    again = {"v2": WHOLE.videos["v1"]._replace(id="v2")}
    assert invariants.repeated(replace(WHOLE, videos=dict(WHOLE.videos) | again)) == 1


@pytest.mark.parametrize("module", ["invariants", "evidence", "clips", "journal"])
def test_the_checker_shares_no_code_with_what_it_checks(module: str) -> None:
    tree = ast.parse(Path(str(invariants.__file__)).with_name(f"{module}.py").read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in named if name.split(".")[0] == "anb"}
