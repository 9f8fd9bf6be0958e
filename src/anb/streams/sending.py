"""Send one stream, from its first event to its last, or until its client leaves."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send

from anb.streams.events import HEARTBEAT, StreamEvent, opening
from anb.streams.hub import Stream
from anb.web.security_headers import HEADERS

V = TypeVar("V")

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    **HEADERS,
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


async def run_stream(
    request: Request, send: Send, stream: Stream[V], show: Callable[[V], StreamEvent]
) -> Response | None:
    """Send a stream's values until it ends. 204 where the client has received the last: browsers then stop asking."""
    seen = request.headers.get("last-event-id", "")
    if stream.value is not None:
        event = show(stream.value)
        if event.is_last and event.id == seen:
            return Response(status_code=204)
    await send({"type": "http.response.start", "status": 200, "headers": _RAW})
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return None
    leaving = asyncio.ensure_future(_leave_with(request.receive))
    leaving.add_done_callback(lambda _: stream.close())
    try:
        await _send_all(send, stream, show, seen)
    finally:
        leaving.cancel()
    return None


async def _send_all(send: Send, stream: Stream[V], show: Callable[[V], StreamEvent], seen: str) -> None:
    unsent = opening()
    while True:
        is_over = stream.is_closing or stream.value is None  # told to stop, or the value no longer exists
        if stream.value is not None:
            event = show(stream.value)
            if event.id != seen:
                unsent, seen = unsent + event.encode(), event.id
            is_over = is_over or event.is_last
        await send({"type": "http.response.body", "body": unsent or HEARTBEAT, "more_body": not is_over})
        if is_over:
            return
        stream.spoke_at, unsent = time.monotonic(), b""
        await stream.wait()


async def _leave_with(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
