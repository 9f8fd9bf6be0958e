"""`anb doctor`: examines every part, up or down, and says what to do."""

from collections.abc import Callable, Iterator

import httpx2 as httpx
import psycopg
import redis
from rich.console import Console
from rich.table import Table

from anb.errors import AnbError
from anb.settings import StackSettings
from anb.stack import checkup_engines, checkup_machine, checkup_sandbox
from anb.stack.checkup import Checkup, Finding, State

STYLES: dict[State, str] = {"ok": "green", "warn": "yellow", "fail": "bold red", "off": "dim"}
CHECKS: tuple[tuple[str, Callable[[Checkup], Iterator[Finding]]], ...] = (
    ("Python", checkup_machine.python),
    ("Engines", checkup_machine.engines),
    ("FFmpeg", checkup_machine.ffmpeg),
    ("Sandbox", checkup_sandbox.sandbox),
    ("Data folder", checkup_machine.data_folder),
    ("Secrets", checkup_machine.secrets),
    ("Media", checkup_machine.media),
    ("Port", checkup_machine.port),
    ("PostgreSQL", checkup_engines.database),
    ("Queue", checkup_engines.queue),
    ("Web", checkup_engines.web),
)


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
    for part, check in CHECKS:
        try:
            yield from check(checkup)
        except (AnbError, OSError, psycopg.Error, redis.RedisError, httpx.HTTPError) as error:
            yield Finding(part, "fail", " ".join(str(error).split()), "")
