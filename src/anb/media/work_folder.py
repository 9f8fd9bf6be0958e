"""The local disk for edits: checks free space, lends a folder to each edit, and removes those of dead workers."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from anb.disk_space import free_bytes
from anb.errors import Outage
from anb.media.recipe import RECIPE_VERSION
from anb.settings import Settings

EDIT_PREFIX, SHELF_PREFIX = "edit-", "bumpers-"


@contextmanager
def folder(settings: Settings) -> Iterator[Path]:
    """Lend a folder for one edit and delete it afterwards. Raises Outage where the disk is too full to begin."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    _sweep(settings)
    free = free_bytes(settings.work_dir)
    if free < settings.work_free_bytes_floor:
        raise Outage(f"{settings.work_dir} has {free} bytes free; an edit begins with {settings.work_free_bytes_floor}")
    with TemporaryDirectory(prefix=EDIT_PREFIX, dir=settings.work_dir) as lent:
        yield Path(lent).absolute()


def shelf(settings: Settings) -> Path:
    """Return the folder where the bumpers of this recipe are kept."""
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
