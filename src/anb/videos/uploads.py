"""An upload on its way in: bounded memory, one write, and nothing left of what does not arrive whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

import anyio
from fastapi import Request

from anb.ports import Ports, Receiving
from anb.settings import UPLOAD_OVERHEAD_BYTES, Settings
from anb.videos.domain import NoRoom, TooManyBytes, checked_title
from anb.videos.form import FILE_FIELD, UploadForm
from anb.web.desk import UploadDesk, pump
from anb.web.problems import MESSAGES, InvalidField


class Received(NamedTuple):
    """A form that arrived whole: its file, not yet judged, and its title."""

    file: Receiving
    title: str


@asynccontextmanager
async def receive(request: Request, desk: UploadDesk, ports: Ports, settings: Settings) -> AsyncIterator[Received]:
    """Read the form of an upload; whatever ends the block, a file that was not kept is gone after it.

    Raises NoRoom, TooManyBytes, IncompleteUpload, InvalidField; ClientDisconnect when the client vanishes.
    """
    length = _announced(request, settings)
    if await desk.write(ports.media.free_bytes) < settings.free_bytes_floor + length:
        raise NoRoom
    file = await desk.write(ports.media.receive)
    try:
        form = UploadForm(request.headers.get("content-type", ""), length or None, file, settings.upload_max_bytes)
        await pump(request, partial(_feed, form), desk)
        yield Received(file, _title(form.end(), has_file=form.has_file))
    finally:
        with anyio.CancelScope(shield=True):
            await desk.write(file.discard)


def _announced(request: Request, settings: Settings) -> int:
    """Return how long the body says it is (0 when it does not say). Raises TooManyBytes before a byte is read."""
    length = int(request.headers.get("content-length", "0"))
    if length > settings.upload_max_bytes + UPLOAD_OVERHEAD_BYTES:
        raise TooManyBytes(limit=settings.upload_max_bytes // (1024 * 1024))
    return length


def _feed(form: UploadForm, batch: list[bytes]) -> None:
    for chunk in filter(None, batch):  # the last of a body may be empty
        form.feed(chunk)


def _title(text: str | None, *, has_file: bool) -> str:
    """Check the small fields. Raises InvalidField, which names them all."""
    title, findings = "", {} if has_file else {FILE_FIELD: MESSAGES["missing"]}
    try:
        title = checked_title(text)
    except InvalidField as wrong:
        findings |= wrong.findings
    if findings:
        raise InvalidField(findings)
    return title
