"""A client's errand and its report."""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify.kit.shaping import ShapedNetwork
from verify.network.platform import CellUploader, TransferFile

TRIES = 12
PAUSE = 1.0  # seconds before the next attempt
PASSING = frozenset({409, 423, 429, 502, 503, 504})  # answers that ask to try again
TITLE = "Triple desde la esquina"


@dataclass(frozen=True)
class ServerResponse:
    """The server's answer to one request."""

    method: str
    status: int
    offset: int | None = None  # acknowledged, in tus
    kind: str = ""  # content type
    detail: str = ""


@dataclass
class Report:
    """The outcome of an errand as its client saw it."""

    outcome: str = "gave up"  # or whole, told
    answers: list[ServerResponse] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)  # requests without an answer
    fetched: str | None = None  # SHA-256 of the received file


@dataclass(frozen=True)
class Errand:
    """One clip and its transfer."""

    line: ShapedNetwork
    protocol: str
    account: CellUploader
    clip: TransferFile
    folder: Path  # its own
    certificate: Path
    agent: str  # identifies its requests in nginx's log
    path: str = ""  # of a download

    @property
    def origin(self) -> str:
        """Return the site's address on this network."""
        return f"{'https' if self.protocol == 'tls' else 'http'}://127.0.0.1:{self.line.port}"


async def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run a program to its end. Kill it if the caller is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ) | dict(environment or {}), start_new_session=True,
    )  # fmt: skip
    try:
        out, error = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    return process.returncode or 0, out.decode(errors="replace"), error.decode(errors="replace")


def read_report(out: str, error: str) -> Report:
    """Read the output of a client in a process of its own: a line of JSON for each answer, and one for the end."""
    report = Report()
    for line in out.splitlines():
        with suppress(json.JSONDecodeError):
            entry: dict[str, Any] = json.loads(line)
            if "outcome" in entry:
                report.outcome = entry["outcome"]
            elif "failure" in entry:
                report.failures.append(entry["failure"])
            else:
                report.answers.append(ServerResponse(**entry))
    if report.outcome == "gave up" and error:
        report.failures.append(error[-500:])
    return report
