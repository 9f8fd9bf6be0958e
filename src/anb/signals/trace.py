"""The trace of a request: its device and its network."""

from typing import Annotated

from fastapi import Request

from anb.signals.domain import Trace
from anb.web.deps import at_once
from anb.web.device_cookie import device_key
from anb.web.network import network_key


def trace_of(request: Request) -> Trace:
    """Return where a request comes from."""
    return Trace(device_key(request), network_key(request))


TraceDep = Annotated[Trace, at_once(trace_of)]
