"""The local disk that edits are made on: room before one begins, a folder for each, nothing left of the dead."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from anb.errors import Outage
from anb.media.recipe import RECIPE_VERSION
from anb.settings import Settings

EDIT_PREFIX, SHELF_PREFIX = "edit-", "bumpers-"


@contextmanager
def folder(settings: Settings) -> Iterator[Path]:
    """Lend a folder for one edit; nothing of it stays. Raises Outage where there is no room to begin."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    _sweep(settings)
    free = shutil.disk_usage(settings.work_dir).free
    if free < settings.work_free_bytes_floor:
        raise Outage(f"{settings.work_dir} has {free} bytes free; an edit begins with {settings.work_free_bytes_floor}")
    with TemporaryDirectory(prefix=EDIT_PREFIX, dir=settings.work_dir) as lent:
        yield Path(lent).absolute()


def shelf(settings: Settings) -> Path:
    """Return the folder where bumpers of this recipe are kept."""
    kept = settings.work_dir / f"{SHELF_PREFIX}{RECIPE_VERSION}"
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def _sweep(settings: Settings) -> None:
    """Remove what killed workers and other versions left: no edit takes twice the hard limit."""
    for left in [*settings.work_dir.glob(f"{EDIT_PREFIX}*"), *settings.work_dir.glob(f"{SHELF_PREFIX}*")]:
        try:
            forsaken = time.time() - left.stat().st_mtime > 2 * settings.job_hard_seconds
        except FileNotFoundError:
            continue  # its owner has just removed it
        if forsaken and left.name != f"{SHELF_PREFIX}{RECIPE_VERSION}":
            shutil.rmtree(left, ignore_errors=True)
