"""Stores the result of a run: machine, commit and every verdict."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from verify.kit import results
from verify.lab.verdicts import Proved

FOLDER = Path(__file__).parent / "results"


def keep(proved: Sequence[Proved], seconds: float, *, cached: bool) -> Path:
    """Write the verdicts to a file named by date and commit. `cached`: an earlier run left a cache."""
    run = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": results.commit(),
        "machine": results.machine(),
        "load_average": os.getloadavg()[0],
        "seconds": round(seconds),
        "cached": cached,
        "proved": [asdict(one) for one in proved],
    }
    return results.keep(run, FOLDER)
