"""Checks of the machine itself: programs, folders, secrets, port."""

import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from anb import disk_space
from anb.engines import binaries, postgres
from anb.local import data_folder, ports
from anb.local.doctor.checkup import CheckResult, Checkup
from anb.settings import MIB

PYTHONS = ((3, 11), (3, 14))
ANOTHER_PYTHON = "Use Python 3.11 to 3.14: `make clean; make PYTHON=python3.12 run`"
ANOTHER_FFMPEG = "Install imageio-ffmpeg again"
ENCODER = "libx264"
# The filters that the edit uses; a test compares them with the recipe.
FILTERS = (
    {"concat", "crop", "fade", "format", "fps", "gblur", "lutyuv", "null", "overlay", "scale", "setparams", "setpts"}
    | {"select", "setsar", "sidedata", "split", "tile", "tpad", "trim"}
    | {"bwdif", "lut3d", "tonemap", "zscale"}  # for clips that phones really make
)


def python(_checkup: Checkup) -> Iterator[CheckResult]:
    """Check our Python."""
    running = sys.version_info[:2]
    known = PYTHONS[0] <= running <= PYTHONS[1]
    advice = "" if known else ANOTHER_PYTHON
    yield CheckResult("Python", "ok" if known else "fail", f"{sys.version.split()[0]} ({sys.executable})", advice)


def engines(checkup: Checkup) -> Iterator[CheckResult]:
    """Check the engines' programs, except those that run elsewhere."""
    if checkup.settings.redis_url is None:
        yield CheckResult("Valkey", "ok", binaries.version(binaries.valkey()))
    if checkup.settings.database_url is None:
        how = " as an ordinary uid of a user namespace" if postgres.ordinary_user() else ""
        subprocess.run([*postgres.ordinary_user(), "true"], check=True, capture_output=True, timeout=10)
        yield CheckResult("PostgreSQL", "ok", binaries.version(binaries.postgres()) + how)


def ffmpeg(_checkup: Checkup) -> Iterator[CheckResult]:
    """Check that FFmpeg can make an edit."""
    program = binaries.ffmpeg()
    missing = sorted(({ENCODER} - _listed(program, "-encoders")) | (FILTERS - _listed(program, "-filters")))
    found = binaries.version(program, "-version")
    if missing:
        yield CheckResult("FFmpeg", "fail", f"{found} without {', '.join(missing)}", ANOTHER_FFMPEG)
    else:
        yield CheckResult("FFmpeg", "ok", f"{found} with {ENCODER} and every filter of the edit")


def folder(checkup: Checkup) -> Iterator[CheckResult]:
    """Check the data folder."""
    root = checkup.folder.root
    if not root.is_dir():
        yield CheckResult("Data folder", "off", f"{root} is not there yet", "`make run` makes it")
        return
    data_folder.check(root)
    free = disk_space.free_bytes(root)
    yield CheckResult(
        "Data folder", "ok", f"{root}, {free // MIB:,} MB free, {'in use' if checkup.running else 'at rest'}"
    )


def secrets(checkup: Checkup) -> Iterator[CheckResult]:
    """Check who may read the secrets."""
    for path in (checkup.folder.secrets_file, checkup.folder.environment_file):
        if path.is_file():
            mode = stat.S_IMODE(path.stat().st_mode)
            private = mode == 0o600  # noqa: PLR2004
            advice = "" if private else f"chmod 600 '{path}'"
            yield CheckResult("Secrets", "ok" if private else "fail", f"{path.name} has mode {mode:03o}", advice)


def media(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that the media root takes files the way we store them: write, then rename."""
    root = checkup.media_root
    if not root.is_dir():
        outside = checkup.settings.media_root is not None
        advice = "Mount the share, or fix ANB_MEDIA_ROOT" if outside else "`make run` makes it"
        yield CheckResult("Media", "fail" if outside else "off", f"{root} is not there", advice)
        return
    with tempfile.TemporaryDirectory(prefix=".doctor-", dir=root) as place:
        written = Path(place, "a.part")
        written.write_bytes(b"a")
        written.replace(Path(place, "a"))
    yield CheckResult("Media", "ok", f"{root} takes and renames files, {disk_space.free_bytes(root) // MIB:,} MB free")


def port(checkup: Checkup) -> Iterator[CheckResult]:
    """Check that nginx has its port or can have it."""
    host, number = checkup.settings.http_host, checkup.settings.http_port
    if not checkup.running:
        ports.check_port(host, number)
        yield CheckResult("Port", "ok", f"{host}:{number} is free")


def _listed(program: Path, option: str) -> set[str]:
    """Return the names in one of FFmpeg's lists: the second word of each line."""
    said = subprocess.run(
        [str(program), "-hide_banner", option], capture_output=True, text=True, timeout=10, check=True
    )
    return {words[1] for words in map(str.split, said.stdout.splitlines()) if len(words) > 1}
