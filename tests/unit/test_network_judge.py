"""The judge of the network matrix must be able to fail: it reports each broken state, and no good one."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from verify.kit.network_faults import Kind, NetworkFault, Place
from verify.network import judge
from verify.network.cells import NetworkCell
from verify.network.clients import curl
from verify.network.evidence import CellEvidence, ClientResponse, Remains, StoredVideo, UploadRow, lasting

SIZE = 1_500_000
PROBLEM = "application/problem+json"


def cell(lane: str = "tus/curl", kind: Kind = "nothing", place: Place = "middle") -> NetworkCell:
    return NetworkCell(lane, "http1", "60k", NetworkFault(kind, place, 8 if kind == "stall" else 0))


WHOLE = CellEvidence(
    cell=cell(), sha256="aa", size=SIZE, outcome="whole", seconds=30, struck=False, passed=SIZE + 1500, connections=2,
    answers=[ClientResponse("POST", 201, 200_000, "", ""), ClientResponse("PATCH", 204, SIZE, "", "")],
    videos=[StoredVideo("v1", "aa")], uploads=[UploadRow("accepted", SIZE)], logged=[201, 204],
)  # fmt: skip
CUT = replace(
    WHOLE, cell=cell(kind="reset"), struck=True, failures=["reset by peer"], passed=int(1.3 * SIZE), connections=4,
    answers=[
        ClientResponse("POST", 201, 200_000, "", ""),
        ClientResponse("HEAD", 200, 500_000, "", ""),
        ClientResponse("PATCH", 204, SIZE, "", ""),
    ],
    logged=[201, 499, 200, 204],
)  # fmt: skip
FETCHED = replace(WHOLE, cell=cell("original/curl"), fetched="aa", answers=[], videos=[], uploads=[], logged=[200, 206])


def test_a_whole_clip_a_resumed_one_and_a_download_are_good() -> None:
    assert [judge.findings(seen) for seen in (WHOLE, CUT, FETCHED)] == [[], [], []]
    assert [judge.verdict(seen) for seen in (WHOLE, CUT, FETCHED)] == ["whole", "resumed", "whole"]


def test_somebody_who_is_told_to_come_later_was_told() -> None:
    answers = [ClientResponse("PATCH", 503, None, PROBLEM, "")]
    told = replace(WHOLE, outcome="told", answers=answers, videos=[], uploads=[UploadRow("open", 9)], logged=[503])
    assert judge.findings(told) == []
    assert judge.verdict(told) == "told"


def with_answers(*answers: ClientResponse, **more: Any) -> CellEvidence:
    return replace(WHOLE, answers=list(answers), **more)


BROKEN = {
    "no end": (replace(WHOLE, outcome="hung"), "hung"),
    "an event that never struck": (replace(CUT, struck=False), "untouched"),
    "a 500 that its client heard": (with_answers(ClientResponse("PATCH", 500, None, "", "")), "crashed"),
    "a 500 that only nginx wrote down": (replace(WHOLE, logged=[201, 500, 204]), "crashed"),
    "a gateway that gave up": (replace(WHOLE, logged=[504]), "crashed"),
    "a client that gave up": (replace(WHOLE, outcome="gave up", videos=[]), "unexplained"),
    "a refusal without an answer": (replace(WHOLE, outcome="told", answers=[], videos=[]), "unexplained"),
    "a refusal that is no problem document": (
        with_answers(ClientResponse("PATCH", 503, None, "text/html", ""), outcome="told", videos=[]),
        "unexplained",
    ),
    "a good clip refused for good": (
        with_answers(ClientResponse("PATCH", 408, None, PROBLEM, ""), outcome="told", videos=[]),
        "refused",
    ),
    "half a file": (replace(WHOLE, videos=[StoredVideo("v1", "ab")]), "damaged"),
    "a row without a file": (replace(WHOLE, videos=[StoredVideo("v1", None)]), "damaged"),
    "a promise without a video": (replace(WHOLE, videos=[]), "damaged"),
    "a download of other bytes": (replace(FETCHED, fetched="ab"), "damaged"),
    "two videos of one clip": (replace(WHOLE, videos=[StoredVideo("v1", "aa"), StoredVideo("v2", "aa")]), "doubled"),
    "a video reported as lost": (
        with_answers(ClientResponse("PATCH", 503, None, PROBLEM, ""), outcome="told"),
        "unheard",
    ),
    "an offset that went back": (
        with_answers(ClientResponse("HEAD", 200, 600_000, "", ""), ClientResponse("HEAD", 200, 0, "", "")),
        "forgotten",
    ),
    "an upload begun anew": (
        replace(WHOLE, uploads=[UploadRow("open", 700_000), UploadRow("accepted", SIZE)]),
        "started_over",
    ),
    "a line that sends everything again and again": (replace(CUT, passed=4 * SIZE), "wasted"),
    "bytes sent twice though nothing broke": (replace(WHOLE, passed=2 * SIZE), "wasted"),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_it_is_told(what: str) -> None:
    seen, check = BROKEN[what]
    failed = {found.__name__ for found in judge.CHECKS.values() if list(found(seen))}
    assert check in failed
    assert judge.verdict(seen) == "failed"


def test_what_the_cells_leave_together_is_told() -> None:
    assert judge.left_over(Remains()) == []
    assert len(judge.left_over(Remains(unknown_files=["incoming/x.part"], crashes=["Traceback"]))) == 2


@pytest.mark.parametrize("module", ["judge", "evidence", "cells"])
def test_the_judge_shares_no_code_with_what_it_judges(module: str) -> None:
    tree = ast.parse(Path(str(judge.__file__)).with_name(f"{module}.py").read_text(encoding="utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in named if name.split(".")[0] == "anb"}


def test_a_file_whose_row_comes_a_moment_later_is_not_left_over_and_one_without_a_row_is() -> None:
    looks = iter([{"edit being told", "orphan"}, {"orphan", "edit begun meanwhile"}, {"orphan"}])
    assert lasting(lambda: next(looks, {"orphan"}), seconds=0.05, pause=0.01) == {"orphan"}


def test_a_file_that_is_gone_by_the_second_look_is_not_left_over() -> None:
    looks = iter([{"chunk"}, set()])
    assert lasting(lambda: next(looks), seconds=5, pause=0) == set()


@pytest.mark.parametrize(("first", "version", "good"), [
    ("HTTP/2 204", "HTTP/2", True), ("HTTP/1.1 204 No Content", "HTTP/2", False),
    ("HTTP/1.1 204 No Content", "HTTP/1.1", True), ("HTTP/2 204", "HTTP/1.1", False),
])  # fmt: skip
def test_a_cell_that_fell_back_to_another_http_is_no_cell(
    tmp_path: Path, first: str, version: str, *, good: bool
) -> None:
    heads = tmp_path / "heads"
    heads.write_bytes(f"{first}\r\nupload-offset: 7\r\n\r\n".encode())
    if good:
        answer, headers = curl._read("HEAD", heads, tmp_path / "body", version)
        assert answer is not None
        assert (answer.status, headers["upload-offset"]) == (204, "7")
    else:
        with pytest.raises(curl.WrongVersion):
            curl._read("HEAD", heads, tmp_path / "body", version)
