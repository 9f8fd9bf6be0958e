"""Checks of versions: programs and libraries with known holes, and what protects them."""

from collections.abc import Iterator
from importlib import metadata

from anb.engines import minimums, nginx_program
from anb.local.doctor.checkup import CheckResult, Checkup

NEWER_PYTHON = "Use Python 3.12 to 3.14: `make clean; make PYTHON=python3.12 run`"


def nginx(checkup: Checkup) -> Iterator[CheckResult]:
    """Check which nginx is used, whether it is patched, and whether other machines reach it."""
    chosen = nginx_program.choose()
    risk = nginx_program.risk(checkup.settings.http_host)
    if risk or not chosen.patched:
        yield CheckResult("nginx", "warn", risk or f"{chosen.named}, on this machine alone", nginx_program.INSTALL)
    else:
        yield CheckResult("nginx", "ok", chosen.named)


def probe(_checkup: Checkup) -> Iterator[CheckResult]:
    """Check the libraries that read untrusted files."""
    found, known = metadata.version("av"), minimums.known()
    if minimums.older(found, known.wheels["av"]):
        yield CheckResult(
            "Probe", "warn", f"PyAV {found} of {known.wheels['av']}: {known.behind['av 18']}", NEWER_PYTHON
        )
    else:
        yield CheckResult("Probe", "ok", f"PyAV {found}")
