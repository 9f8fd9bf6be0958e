"""A body on its way in: whatever its writer says of it is what is answered."""

from pathlib import Path

import anyio
import pytest
from starlette.requests import Request

from anb.videos.domain import TooManyBytes
from anb.web.desk import BATCH_BYTES, UploadDesk, pump
from support.worlds import settings_for

SETTINGS = settings_for(Path("/nowhere"), "postgresql://nobody@nowhere/nothing", "redis://nowhere")


def request_of(chunks: list[bytes]) -> Request:
    """Make a request whose body has come already, so that its next batch always waits for the writer."""
    rest = iter(chunks)

    async def receive() -> dict[str, object]:
        body = next(rest, None)
        return {"type": "http.request", "body": body or b"", "more_body": body is not None}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.parametrize("last", [b"", b"the end"], ids=["full batches", "a last one that is not full"])
@pytest.mark.parametrize("good", range(4))
def test_a_refusal_is_the_answer_though_the_next_batch_waits_for_the_writer(good: int, last: bytes) -> None:
    fed: list[int] = []

    def feed(batch: list[bytes]) -> None:
        fed.append(len(batch))
        if len(fed) > good:
            raise TooManyBytes(limit=1)

    async def upload() -> None:
        body = [b"\0" * BATCH_BYTES] * 4 + [last]
        await pump(request_of(body), feed, UploadDesk(SETTINGS))

    with pytest.raises(TooManyBytes):
        anyio.run(upload)
    assert len(fed) == good + 1
