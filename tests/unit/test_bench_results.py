import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from verify.kit import results
from verify.kit.figures import Figure, Goal, Limit

FIGURES = [
    Figure("upload", "upload", "bytes/s", (273e6,), Limit("nginx", (300e6,)), Goal("at least", 0.6, "ratio")),
    Figure("memory", "growth", "MiB", (300.0,), goal=Goal("at most", 250, "value"), note="all answered 201"),
]
WHOLE = {"schema", "date", "commit", "uncommitted_changes", "machine", "versions", "load_average", "repeats", "figures"}
FIGURE = {"suite", "name", "value", "unit", "limit", "ratio", "goal", "met", "samples", "note"}


def test_a_run_says_where_of_what_and_when(tmp_path: Path) -> None:
    run = results.record(FIGURES, [0.5, 2.5, 1.0], repeats=3)
    path = results.keep(run, tmp_path)
    kept = json.loads(path.read_text())
    assert path.name.startswith(kept["date"][:10])
    assert set(kept) == WHOLE
    assert kept["load_average"] == {"before": 0.5, "after": 1.0, "most": 2.5}
    assert set(kept["machine"]) == {"cpu", "cores", "memory_bytes", "system", "file_system"}
    assert {"Python", "granian", "PostgreSQL", "Valkey", "nginx", "FFmpeg"} <= set(kept["versions"])
    assert [figure["met"] for figure in kept["figures"]] == [True, False]


def test_the_table_shows_each_figure_beside_its_limit() -> None:
    console = Console(width=200, record=True, file=StringIO())
    results.show(FIGURES, console)
    shown = console.export_text()
    assert "273 MB/s" in shown
    assert "300 MB/s" in shown
    assert "0.91" in shown
    assert "all answered 201" in shown


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(341e6, "bytes/s", "341 MB/s"), (12345.6, "requests/s", "12,346 requests/s"), (0.0371, "ms", "0.0371 ms")],
)
def test_a_value_reads_well(value: float, unit: str, said: str) -> None:
    assert results.said(value, unit) == said


@pytest.mark.parametrize("path", sorted(results.FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_a_result_that_is_kept_has_the_schema_and_tells_the_truth_about_its_goals(path: Path) -> None:
    run = json.loads(path.read_text())
    assert set(run) == WHOLE
    for said in run["figures"]:
        assert set(said) == FIGURE
        limit = said["limit"] and Limit(said["limit"]["name"], tuple(said["limit"]["samples"]))
        goal = said["goal"] and Goal(**said["goal"])
        again = Figure(said["suite"], said["name"], said["unit"], tuple(said["samples"]), limit, goal, said["value"])
        assert (again.ratio, again.met) == (said["ratio"], said["met"])
