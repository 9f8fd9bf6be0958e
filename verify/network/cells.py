"""The matrix: endpoints with their clients, protocols, bandwidths, and network faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from verify.kit.network_faults import NetworkFault, Place

Protocol = Literal["http1", "tls"]  # tls: the template's TLS with HTTP/2, for clients that support it

BANDWIDTHS: dict[str, int | None] = {"60k": 60_000, "1M": 1_000_000, "full": None}  # bytes per second
STALLS = (0.5, 2.5, 8.0, 35.0)  # seconds
PLACES: tuple[Place, ...] = ("start", "middle", "last")
PROTOCOLS: tuple[Protocol, ...] = ("http1", "tls")
BLACKHOLE_SECONDS = 12.0  # then the client has a new network, and its old connections are gone

# An endpoint and its client. `page-throttled` is our page with Chromium's own throttling instead of the proxy's.
UPLOADS = ("multipart/curl", "form/curl", "tus/curl", "tus/tus-js-client", "tus/uppy", "tus/tuspy", "tus/page")
DOWNLOADS = ("original/curl", "processed/curl")
THROTTLED = "tus/page-throttled"
LANES = (*UPLOADS, *DOWNLOADS, THROTTLED)


STALLED = tuple(NetworkFault("stall", place, seconds) for seconds in STALLS for place in PLACES)
BROKEN = (
    *(NetworkFault("reset", place) for place in PLACES),
    NetworkFault("finish", "middle"),
    *(NetworkFault("blackhole", place, BLACKHOLE_SECONDS) for place in PLACES),
    NetworkFault("lost-reply", "start"),
    NetworkFault("lost-reply", "last"),
    NetworkFault("half-close", "last"),
)
EVENTS = (NetworkFault("nothing"), *STALLED, *BROKEN, NetworkFault("one-byte"))


@dataclass(frozen=True)
class NetworkCell:
    """One combination, for the transfer of one clip."""

    lane: str
    protocol: Protocol
    bandwidth: str
    event: NetworkFault

    @property
    def door(self) -> str:
        """Return the endpoint."""
        return self.lane.partition("/")[0]

    @property
    def client(self) -> str:
        """Return the client."""
        return self.lane.partition("/")[2]

    @property
    def is_upload(self) -> bool:
        """Return whether the clip is uploaded."""
        return self.lane not in DOWNLOADS

    @property
    def rate(self) -> int | None:
        """Return bytes per second, or None for full speed."""
        return BANDWIDTHS[self.bandwidth]

    @property
    def name(self) -> str:
        """Return its unique name."""
        return f"{self.lane} {self.protocol} {self.bandwidth} {self.event}"

    def is_possible(self) -> bool:
        """Return whether the combination is meaningful and no other one covers it."""
        kind = self.event.kind
        if not self._is_telling():
            return False
        if kind == "one-byte":
            return self.bandwidth == "full" and self.lane != THROTTLED
        if self.lane == THROTTLED:
            return self.bandwidth != "full" and kind in {"nothing", "stall"}
        if kind == "lost-reply" and self.event.place == "start":  # a tus client's creation, visible in plain HTTP
            return self.door == "tus" and self.protocol == "http1" and self.client != "page"
        if kind in {"lost-reply", "half-close"}:  # the reply of a download is its body
            return self.is_upload
        return True

    def _is_telling(self) -> bool:
        """Leave out differences that a slow network hides: half a second, the way a connection ended."""
        event = self.event
        if self.bandwidth == "full":
            return True
        if event.kind == "stall":
            return event.seconds in ({2.5, 35.0} if self.bandwidth == "1M" else {2.5, 8.0, 35.0})
        if event.kind == "blackhole":
            return self.bandwidth == "60k" and event.place == "middle"
        return event.kind in {"nothing", "reset"} or (
            self.bandwidth == "60k" and event.kind in {"lost-reply", "half-close"}
        )


def whole() -> list[NetworkCell]:
    """Return every possible cell."""
    return [cell for cell in _all() if cell.is_possible()]


def _all() -> Iterator[NetworkCell]:
    for lane in LANES:
        for protocol in PROTOCOLS:
            for bandwidth in BANDWIDTHS:
                for event in EVENTS:
                    yield NetworkCell(lane, protocol, bandwidth, event)
