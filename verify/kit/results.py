"""The results of a run: a table, and a file with machine, commit and versions."""

import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from anb.engines import binaries
from verify.kit.figures import Figure

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "verify" / "bench" / "results"  # of the bench; others have their own
SCHEMA = 1
PACKAGES = ("anb-rising-stars", "fastapi", "granian", "uvloop", "pydantic", "sqlalchemy", "psycopg", "celery", "redis",
            "multipart", "av")  # fmt: skip
MARKS = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}


def machine() -> dict[str, Any]:
    """Describe this machine."""
    known = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": known[0].partition(":")[2].strip() if known else platform.processor(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "file_system": _file_system(Path(tempfile.gettempdir())),
    }


def versions() -> dict[str, str]:
    """Return the versions of packages and engines."""
    engines = {
        "PostgreSQL": binaries.version(binaries.postgres()),
        "Valkey": binaries.version(binaries.valkey()),
        "nginx": binaries.version(binaries.nginx(), "-v"),
        "FFmpeg": binaries.version(binaries.ffmpeg(), "-version"),
    }
    return {"Python": platform.python_version(), **{name: version(name) for name in PACKAGES}, **engines}


def commit() -> str | None:
    """Return the commit that is checked out."""
    return _git("rev-parse", "HEAD")


def record(figures: Sequence[Figure], loads: Sequence[float], repeats: int) -> dict[str, Any]:
    """Return the record of a run; `loads` are the load averages before and after each suite."""
    return {
        "schema": SCHEMA,
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": commit(),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no", "--", "src", "verify/bench")),
        "machine": machine(),
        "versions": versions(),
        "load_average": {"before": loads[0], "after": loads[-1], "most": max(loads)},
        "repeats": repeats,
        "figures": [figure.as_json() for figure in figures],
    }


def keep(run: dict[str, Any], folder: Path = FOLDER, more: str = "") -> Path:
    """Write a run to a file. Its name consists of date, commit and a distinguishing suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run['date'][:10]}-{(run['commit'] or 'no-commit')[:10]}{more}.json"
    path.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the figures, each with its limit."""
    table = Table("figure", "value", "limit", "ratio", "goal", "met")
    for figure in figures:
        beside = "-" if figure.limit is None else f"{said(figure.limit.value, figure.unit)}\n{figure.limit.name}"
        ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
        named = f"{figure.name}\n[dim]{figure.note}[/]" if figure.note else figure.name
        table.add_row(named, said(figure.value, figure.unit), beside, ratio, str(figure.goal or "-"), MARKS[figure.met])
    console.print(table)


def said(value: float, unit: str) -> str:
    """Format a value for people: 341000000 bytes/s is 341 MB/s."""
    if unit == "bytes/s":
        return f"{value / 1e6:,.0f} MB/s"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _file_system(path: Path) -> str:
    """Return the type of a folder's file system."""
    mounts = [part for part in psutil.disk_partitions(all=True) if path.resolve().is_relative_to(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "?"


def _git(*words: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run([git, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
