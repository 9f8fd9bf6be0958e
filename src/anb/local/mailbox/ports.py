"""Where the mailbox of a data folder listens, as a file in it."""

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

HERE = "127.0.0.1"
PAGE_PORT = 8025


class MailboxPorts(BaseModel):
    """The ports of SMTP and of the page."""

    model_config = ConfigDict(frozen=True)

    FILE: ClassVar[str] = "mailbox.json"
    READY: ClassVar[str] = "mailbox.ready"  # exists while it listens

    smtp: int
    page: int

    @property
    def smtp_url(self) -> str:
        """The setting of the process that sends mails."""
        return f"smtp+plain://{HERE}:{self.smtp}"

    @property
    def page_url(self) -> str:
        """The address that people open."""
        return f"http://localhost:{self.page}"


def read_ports(folder: Path) -> MailboxPorts | None:
    """Return where the mailbox of a data folder listens, or did last; None when it never ran."""
    place = folder / MailboxPorts.FILE
    return MailboxPorts.model_validate_json(place.read_bytes()) if place.is_file() else None
