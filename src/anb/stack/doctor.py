"""`anb doctor`: examines every part, up or down, and says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from anb.settings import StackSettings
from anb.stack import checkup_engines, checkup_machine, checkup_sandbox
from anb.stack.checkup import Checkup, Finding, State

STYLES: dict[State, str] = {"ok": "green", "warn": "yellow", "fail": "bold red", "off": "dim"}


@dataclass(frozen=True)
class Check:
    """One look at a part, and what to do when it cannot even be looked at."""

    part: str
    look: Callable[[Checkup], Iterator[Finding]]
    advice: str


CHECKS = (
    Check("Python", checkup_machine.python, checkup_machine.ANOTHER_PYTHON),
    Check("Engines", checkup_machine.engines, "`make clean run` installs them again; as root, `unshare` must work"),
    Check("FFmpeg", checkup_machine.ffmpeg, checkup_machine.ANOTHER_FFMPEG),
    Check("Sandbox", checkup_sandbox.sandbox, checkup_sandbox.INSTALL),
    Check("Data folder", checkup_machine.data_folder, "Mend that, or choose another ANB_DATA_DIR"),
    Check("Secrets", checkup_machine.secrets, "Give the data folder to the user who runs the stack"),
    Check("Media", checkup_machine.media, "Let this user write there: owner, mode, and how the share is mounted"),
    Check("Port", checkup_machine.port, "Stop what has it, or choose another with ANB_HTTP_PORT"),
    Check("PostgreSQL", checkup_engines.database,
          "See logs/postgres.log; elsewhere, that it runs there and ANB_DATABASE_URL is right"),
    Check("Queue", checkup_engines.queue,
          "See logs/valkey.log; elsewhere, that it runs there and ANB_REDIS_URL is right"),
    Check("Reconciler", checkup_engines.reconciler, "See logs/reconcile.log"),
    Check("Web", checkup_engines.web, "See logs/nginx.log and logs/web.log"),
)  # fmt: skip


def run(settings: StackSettings) -> int:
    """Examine everything and print it; return 1 when something fails, else 0."""
    table = Table("", "part", "found", "what to do", box=None)
    failed = False
    for finding in examine(Checkup.of(settings)):
        failed = failed or finding.state == "fail"
        style = STYLES[finding.state]
        table.add_row(f"[{style}]{finding.state}[/]", finding.part, finding.found, finding.advice)
    Console().print(table)
    return int(failed)


def examine(checkup: Checkup) -> Iterator[Finding]:
    """Yield what every check finds; one that cannot do its work is a finding too."""
    for check in CHECKS:
        try:
            yield from check.look(checkup)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are still to be looked at
            found = " ".join(str(error).split()) or type(error).__name__
            yield Finding(check.part, "fail", found, check.advice)
