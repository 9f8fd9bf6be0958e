"""The operator who runs a command, and the reason, for the audit trail."""

import getpass
import socket
from typing import Annotated

import typer

from anb.audit.domain import AuditActor

Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit trail; a person's data is not needed.")]


def operator() -> AuditActor:
    """Return the operator who runs this command."""
    return AuditActor(f"{getpass.getuser()}@{socket.gethostname()}")
