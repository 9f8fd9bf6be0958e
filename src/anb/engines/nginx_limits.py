"""The limits that nginx enforces, and their headers: see draft-ietf-httpapi-ratelimit-headers-10."""

from dataclasses import dataclass

RETRY_AFTER = 5  # seconds after which a refused client may try again
BURST_SECONDS = 10  # a rate admits this many seconds' worth of requests at once


@dataclass(frozen=True)
class NginxLimit:
    """At most `amount` requests within `seconds` or, without seconds, at the same time."""

    name: str
    amount: int
    seconds: int | None = None

    @property
    def policy(self) -> str:
        """The limit as a RateLimit-Policy header."""
        unit = f"w={self.seconds}" if self.seconds else 'qu="concurrent-requests"'
        return f'"{self.name}";q={self.amount};{unit}'

    @property
    def used_up(self) -> str:
        """The used-up limit as a RateLimit header; without a time for concurrent requests, whose end is unknown."""
        return f'"{self.name}";r=0' + (f";t={RETRY_AFTER}" if self.seconds else "")


@dataclass(frozen=True)
class NginxLimits:
    """All limits, under the names of their zones in the configuration."""

    requests: NginxLimit  # of an address block
    connections: NginxLimit  # of an address block
    uploads_of_address: NginxLimit
    uploads_of_all: NginxLimit
    job_streams: NginxLimit  # of an address
    list_streams: NginxLimit  # of an address, counted apart: those who watch the ranking leave room for players

    @property
    def zones(self) -> dict[str, NginxLimit]:
        """Return each limit under the name of its zone."""
        return vars(self)


def limits(requests: int, uploads_of_address: int, uploads_of_all: int, streams_by_address: int) -> NginxLimits:
    """Return the limits of a site: of requests per second, and of simultaneous uploads and streams of each kind."""
    burst = BURST_SECONDS * requests
    return NginxLimits(
        NginxLimit(f"requests-{BURST_SECONDS}", burst, BURST_SECONDS),
        NginxLimit("connections", burst),
        NginxLimit("uploads-of-address", uploads_of_address),
        NginxLimit("uploads-of-all", uploads_of_all),
        NginxLimit("job-streams-of-address", streams_by_address),
        NginxLimit("list-streams-of-address", streams_by_address),
    )
