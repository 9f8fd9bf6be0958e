"""The coverage floors, read from one data file; part of `COVERAGE=1 make test`, and can be run alone after it."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import Coverage

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Floor:
    """The share of lines and branches, in per cent, that the tests must run in some files."""

    name: str
    least: float
    include: tuple[str, ...]
    omit: tuple[str, ...] = ()


# These programs run alone in the sandbox (`python -I -S`), where nothing can measure them; tests check their results.
_ALONE = (
    "adapters/media/photo_child.py",
    *(f"adapters/media/probe_{part}.py" for part in ("child", "walk", "picture", "start")),
    *(f"adapters/sandbox/{part}.py" for part in ("spec", "seccomp", "landlock")),
    "process/launcher.py",
)
_BESIDE = (  # services
    "jobs/queue_position.py",
    *(f"accounts/{part}.py" for part in ("links", "recovery")),
)
_MEDIA = ("recipe", "chains", "rules", "ffmpeg_commands", "stills")
FLOORS = (
    Floor("rules", 100, ("*/domain.py", "*/service.py", *_BESIDE, *(f"media/{name}.py" for name in _MEDIA))),
    Floor("store", 95, ("*/store.py", "jobs/transitions.py")),
    Floor("web", 95, ("web/*.py",)),
    Floor("adapters", 95, ("adapters/**/*.py", "process/*.py"), _ALONE),
)


def measured(data_file: Path, floor: Floor) -> dict[str, Any]:
    """Return coverage's JSON report on the files of a floor."""
    include, omit = ([f"{ROOT}/src/anb/{pattern}" for pattern in patterns] for patterns in (floor.include, floor.omit))
    coverage = Coverage(data_file=str(data_file), config_file=str(ROOT / "pyproject.toml"))
    coverage.load()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        coverage.json_report(outfile=file.name, include=include, omit=omit or None)
        report: dict[str, Any] = json.loads(Path(file.name).read_text(encoding="utf-8"))
    return report


def shares(report: dict[str, Any]) -> tuple[float, float]:
    """Return the percentage of lines and of branches that ran."""
    totals = report["totals"]
    lines, branches = totals["num_statements"], totals["num_branches"]
    return (
        100 * totals["covered_lines"] / lines if lines else 100.0,
        100 * totals["covered_branches"] / branches if branches else 100.0,
    )


def missing(report: dict[str, Any]) -> Iterator[str]:
    """Return the lines that no test ran, one file per line."""
    for path, file in sorted(report["files"].items()):
        jumps = [f"{start}→{end if end > 0 else 'out'}" for start, end in file["missing_branches"]]
        lines = list(map(str, file["missing_lines"]))
        if lines or jumps:
            yield f"  {path}: lines {', '.join(lines) or 'all ran'}; branches {', '.join(jumps) or 'all ran'}"


def judge(data_file: Path) -> Iterator[str]:
    """Print each floor's figures and what is missing; return the floors that are not reached."""
    for floor in FLOORS:
        report = measured(data_file, floor)
        lines, branches = shares(report)
        print(f"{floor.name}: {lines:.1f} % of lines, {branches:.1f} % of branches; at least {floor.least:g} %.")
        print(*missing(report), sep="\n")
        if min(lines, branches) < floor.least:
            yield floor.name


def main(data_file: Path = ROOT / ".coverage") -> int:
    """Print which floors are reached; return 1 if one is not."""
    broken = list(judge(data_file))
    print(f"Coverage is too low in: {', '.join(broken)}." if broken else "All floors of coverage hold.")
    return min(len(broken), 1)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
