"""The folder of the unix sockets: the kernel allows 107 bytes of path, which a deep data folder exceeds."""

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from anb.engines.errors import CannotStart

PATH_BYTES = 107
LONGEST_NAME = ".s.PGSQL.5432"


def folder(data: Path) -> Path:
    """Return a private folder whose socket paths are short enough, in the data folder if possible."""
    own = data / "run"
    if _fits(own):
        own.mkdir(mode=0o700, exist_ok=True)
        return own
    tag = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    for place in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - private folder, checked below
        elsewhere = place / f"anb-{os.geteuid()}-{tag}"
        if _fits(elsewhere):
            return _private(elsewhere)
    raise CannotStart("No folder has a path short enough for unix sockets; set TMPDIR to a short one")


def leave(data: Path) -> None:
    """Remove the sockets' folder if it is outside the data folder, so that the temp folder does not fill up."""
    place = folder(data)
    if place.parent != data:
        shutil.rmtree(place)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_NAME)) <= PATH_BYTES


def _private(folder: Path) -> Path:
    """Make the folder, or check that an existing one belongs to us: any user may create names in the temp folder."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:  # noqa: PLR2004
        raise CannotStart(f"{folder} is not a private folder of this user; remove it or set TMPDIR")
    return folder
