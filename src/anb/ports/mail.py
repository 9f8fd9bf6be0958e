"""The port of mail: a server that takes messages."""

from typing import Protocol


class MailRefused(Exception):
    """The mail server refused this message for good; another attempt would fail as well."""


class MailDeferred(Exception):
    """The mail server did not take this message now, or did not say whether it has; another attempt may succeed."""


class MailTransport(Protocol):
    """A mail server, over one connection that is kept while it is used. Not for several threads at once."""

    def send(self, sender: str, recipient: str, content: bytes) -> None:
        """Hand a message over; when this returns, the server is responsible for it.

        Raises MailRefused, MailDeferred, and Outage when the server cannot be reached or does not let us in.
        """

    def close(self) -> None:
        """Close the connection."""
