"""`anb doctor`: checks every part, running or not, and says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from anb.local.doctor import challenges, engines, machine, mail, sandbox, versions
from anb.local.doctor.checkup import CheckResult, Checkup, State
from anb.settings import StackSettings

STYLES: dict[State, str] = {"ok": "green", "warn": "yellow", "fail": "bold red", "off": "dim"}


@dataclass(frozen=True)
class DoctorCheck:
    """A check of one part, with the advice for when the check itself fails."""

    part: str
    look: Callable[[Checkup], Iterator[CheckResult]]
    advice: str


CHECKS = (
    DoctorCheck("Python", machine.python, machine.ANOTHER_PYTHON),
    DoctorCheck("nginx", versions.nginx, "Install the extra `embedded` again, or Debian's nginx"),
    DoctorCheck("Probe", versions.probe, versions.NEWER_PYTHON),
    DoctorCheck("Engines", machine.engines, "`make clean run` reinstalls them; as root, `unshare` must work"),
    DoctorCheck("FFmpeg", machine.ffmpeg, machine.ANOTHER_FFMPEG),
    DoctorCheck("Sandbox", sandbox.sandbox, sandbox.INSTALL),
    DoctorCheck("Data folder", machine.folder, "Fix this, or choose another ANB_DATA_DIR"),
    DoctorCheck("Secrets", machine.secrets, "Give the data folder to the user who runs the stack"),
    DoctorCheck("Media", machine.media, "Let this user write there: check owner, mode and mount options"),
    DoctorCheck("Port", machine.port, "Stop the program that uses it, or choose another port with ANB_HTTP_PORT"),
    DoctorCheck("PostgreSQL", engines.database,
          "See logs/postgres.log; for one elsewhere, check that it runs and ANB_DATABASE_URL is right"),
    DoctorCheck("Queue", engines.queue,
          "See logs/valkey.log; for one elsewhere, check that it runs and ANB_REDIS_URL is right"),
    DoctorCheck("Reconciler", engines.reconciler, "See logs/reconcile.log"),
    DoctorCheck("Mail", mail.sender, "See logs/mail.log and logs/mailbox.log"),
    DoctorCheck("Uploads", engines.uploads, "See logs/uploads.log"),
    DoctorCheck("Live streams", engines.streams, "See logs/streams.log"),
    DoctorCheck("Challenges", challenges.challenges, "Check ANB_CHALLENGE_VOTES and ANB_PUBLIC_URL"),
    DoctorCheck("Web", engines.web, "See logs/nginx.log and logs/web.log"),
)  # fmt: skip


def run(settings: StackSettings) -> int:
    """Run every check and print the findings; return 1 when one fails, else 0."""
    table = Table("", "part", "found", "what to do", box=None)
    failed = False
    for finding in examine(Checkup.of(settings)):
        failed = failed or finding.state == "fail"
        style = STYLES[finding.state]
        table.add_row(f"[{style}]{finding.state}[/]", finding.part, finding.found, finding.advice)
    Console().print(table)
    return int(failed)


def examine(checkup: Checkup) -> Iterator[CheckResult]:
    """Yield the findings of every check; a check that fails to run is a finding too."""
    for check in CHECKS:
        try:
            yield from check.look(checkup)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other checks must still run
            found = " ".join(str(error).split()) or type(error).__name__
            yield CheckResult(check.part, "fail", found, check.advice)
