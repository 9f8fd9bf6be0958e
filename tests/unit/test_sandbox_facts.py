"""The answer of a probe that a hostile file may have compromised."""

import json
from copy import deepcopy
from typing import Any

import pytest

from anb.adapters.media.probe_facts import NotFacts, believed
from anb.media import probe
from support.fakes import GOOD_CLIP


def answered(**changes: Any) -> dict[str, Any]:
    """Read an answer with some of the video's facts changed."""
    facts = deepcopy(GOOD_CLIP)
    facts["video"] |= changes
    return believed(json.dumps(facts).encode(), "mov")


def test_the_answer_of_our_child_is_believed() -> None:
    assert probe.read(answered()).frames == 660
    assert believed(json.dumps({**GOOD_CLIP, "video": None}).encode(), "mov")["video"] is None
    assert believed(json.dumps({**GOOD_CLIP, "video": {"index": 1, "codec": "prores"}}).encode(), "mov")
    start = {"at": [1, 30], "time": [-1, 30], "seek": [-31, 30], "before": [3, 30]}
    assert answered(start=start)["video"]["start"] == start
    assert believed(b'{"unreadable": "NoFrame"}', "mov") == {"unreadable": "NoFrame"}


@pytest.mark.parametrize(
    "changes",
    [
        {"index": "0]null[x];movie=/etc/passwd"},
        {"index": True},
        {"index": -1},
        {"codec": "h264,hevc"},
        {"matrix": "bt709:file=/etc/passwd"},
        {"transfer": "bt709[x]"},
        {"pixels": "yuv420p;movie"},
        {"primaries": ["bt709"]},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": -1.0},
        {"seconds": "22"},
        {"peak_nits": float("nan")},
        {"width": 0},
        {"width": 10**9},
        {"height": 1080.0},
        {"sar": [0, 1]},
        {"sar": [1, 0]},
        {"usual_rate": [30, 0]},
        {"usual_rate": [1 << 200, 1]},
        {"average_rate": [30]},
        {"display_matrix": [1, 2, 3]},
        {"display_matrix": ["1"] * 9},
        {"whole": 1},
        {"interlaced": None},
        {"frames": None},
        {"start": {"at": [-1, 1], "time": [1, 1], "seek": None, "before": [1, 1]}},
        {"start": {"at": [1, 1], "time": [1, 0], "seek": None, "before": [1, 1]}},
        {"start": {"at": [1, 1], "time": ["1", 1], "seek": None, "before": [1, 1]}},
        {"start": {"at": [1, 1], "time": [1, 1], "seek": "0 -i /etc/passwd", "before": [1, 1]}},
        {"start": {"at": [1, 1], "time": [1, 1], "seek": None, "before": [-1, 1]}},
        {"start": {"at": [1, 1], "time": [1, 1], "seek": None}},
        {"more": 1},
    ],
    ids=str,
)
def test_what_has_another_form_is_not(changes: dict[str, Any]) -> None:
    with pytest.raises(NotFacts):
        answered(**changes)


@pytest.mark.parametrize(
    "answer",
    [b"", b"null", b"[]", b"not json", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"unreadable": "x", "video": null}'],
)
def test_what_is_no_answer_is_not(answer: bytes) -> None:
    with pytest.raises(NotFacts):
        believed(answer, "mov")


def test_the_demuxer_is_the_one_we_chose() -> None:
    with pytest.raises(NotFacts, match="demuxer"):
        believed(json.dumps(GOOD_CLIP).encode(), "matroska")
