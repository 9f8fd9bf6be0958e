"""The published crowd scripts run as their page says, with each kind of user against the whole platform."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.site import Site, short_clip

ROOT = Path(__file__).parents[2]
SCRIPT = "verify/bench/locust/crowd.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "users"),
    [
        (4, "VisitorUser"),
        (4, "VisitorUser SignInUser"),
        (4, "VisitorUser UploadUser"),
        (60, "DribblerAccount Dribbler"),
    ],
)
def test_a_small_crowd_of_a_published_script_is_served(site: Site, tmp_path: Path, number: int, users: str) -> None:
    said = tmp_path / "crowd"
    options = ["--headless", "-u", str(number), "-r", str(number), "-t", "12s", "--csv", str(said), "--host", site.url]
    done = subprocess.run(
        [sys.executable, "-m", "locust", "-f", SCRIPT, *options, *users.split()],
        cwd=ROOT,
        env=os.environ | {"CROWD_CLIP": str(short_clip()), "CROWD_HOLD": "3"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Path(f"{said}_stats.csv").open(encoding="utf-8", newline="") as table:
        rows = {row["Name"]: row for row in csv.DictReader(table)}
    assert int(rows["Aggregated"]["Request Count"]) > 0
    assert int(rows["Aggregated"]["Failure Count"]) == 0
