"""Receives the form of an upload: in bounded memory, written once, and deleted if it does not arrive complete."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import anyio
from fastapi import Depends, Request

from anb.db.session import Database
from anb.db.stored_responses import StoredResponse
from anb.fields import InvalidField, finding
from anb.media.head import Head
from anb.ports import Ports, Prober, Receiving
from anb.settings import UPLOAD_OVERHEAD_BYTES, Settings
from anb.videos import service
from anb.videos.domain import TooManyBytes, checked_start, checked_title
from anb.videos.free_space import check_room
from anb.videos.multipart import FILE_FIELD, UploadForm
from anb.videos.quota import check_quota
from anb.videos.schemas import Submitted
from anb.web.deps import DatabaseDep, PortsDep, SettingsDep, UploadThreadsDep
from anb.web.idempotency import Once
from anb.web.lengths import announced
from anb.web.network import is_exempt_here, network_key
from anb.web.upload_threads import UploadThreads, pump


@dataclass(frozen=True)
class Uploads:
    """The dependencies of the endpoints that accept uploads."""

    threads: UploadThreads
    database: Database
    ports: Ports
    settings: Settings


async def uploads_of(
    threads: UploadThreadsDep, database: DatabaseDep, ports: PortsDep, settings: SettingsDep
) -> Uploads:
    """Return the dependencies of this process."""
    return Uploads(threads, database, ports, settings)


UploadsDep = Annotated[Uploads, Depends(uploads_of)]


@dataclass(frozen=True)
class Sender:
    """The sender of a clip, their network, and the announced bytes."""

    account_id: UUID
    origin: str | None  # keyed hash of their network
    announced: int
    is_exempt: bool  # from quotas: an operator exempted their network


def sender_of(request: Request, caller: UUID) -> Sender:
    """Return the sender of a request. Raises InvalidField."""
    return Sender(caller, network_key(request), announced(request), is_exempt_here(request))


class Received(NamedTuple):
    """A complete form: its file, not judged yet, its title, its key, and the start of the edit."""

    file: Receiving
    title: str
    key: str | None = None
    start: float = 0.0

    @property
    def what(self) -> tuple[object, ...]:
        """Return the values that identify a form. A start of 0 is left out."""
        return (self.title, self.file.sha256, *([self.start] if self.start else []))


class Arrival:
    """A form that is being received. It remembers what was typed, to show the form again after a refusal."""

    def __init__(self, request: Request, uploads: Uploads) -> None:
        self._request, self._uploads = request, uploads
        self.typed_title = self.typed_start = ""

    @asynccontextmanager
    async def receive(self) -> AsyncIterator[Received]:
        """Read the form. However the block ends, a file that was not kept is deleted.

        Raises NoRoom, TooManyBytes, IncompleteUpload, InvalidField; NotAVideo, judged by the file's first bytes;
        ClientDisconnect.
        """
        length = _announced(self._request, self._uploads.settings)
        file = await self._uploads.threads.io(partial(self._open, length))
        try:
            yield await self._read(file, length)
        finally:
            with anyio.CancelScope(shield=True):
                await self._uploads.threads.io(file.discard)

    def _open(self, length: int) -> Receiving:
        """Check the free space and open a file, in one call: each hop to a thread takes time."""
        check_room(self._uploads.ports, self._uploads.settings, length)
        return self._uploads.ports.media.receive()

    async def _read(self, file: Receiving, length: int) -> Received:
        kind = self._request.headers.get("content-type", "")
        looked = _Looked(file, self._uploads.ports.prober)
        form = UploadForm(kind, length or None, looked, self._uploads.settings.upload_max_bytes)
        try:
            await pump(self._request, partial(_feed, form), self._uploads.threads)
            title, start = _fields(form.end(), form.start, has_file=form.has_file)
            return Received(file, title, form.key, start)
        finally:
            self.typed_title, self.typed_start = form.typed_title, form.start or ""


class _Looked:
    """A file whose first bytes are checked before they are written."""

    def __init__(self, file: Receiving, prober: Prober) -> None:
        self._file, self._prober, self._head = file, prober, Head(prober)

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes. Raises NotAVideo."""
        self._head.add(chunk)
        self._head.check()
        self._prober.prepare()
        self._file.write(chunk)


def receive(request: Request, uploads: Uploads) -> AbstractAsyncContextManager[Received]:
    """Read the form of an upload, as `Arrival.receive`."""
    return Arrival(request, uploads).receive()


def check_sender(uploads: Uploads, sender: Sender) -> None:
    """Check the announced bytes against the sender's quotas. Raises QUOTAS."""
    check_quota(uploads.database, uploads.settings, sender.account_id, sender.announced, exempt=sender.is_exempt)


def find_answer(uploads: Uploads, once: Once) -> StoredResponse | None:
    """Return the stored response to an earlier request with the same key. Raises KeyReused."""
    with uploads.database.reading() as uow:
        return once.before(uow)


def submit_once(uploads: Uploads, sender: Sender, once: Once, form: Received) -> StoredResponse:
    """Return the stored response, or submit the clip and store the response with it.

    Raises KeyReused, KeyInUse, QUOTAS, the refusals of the rules, Outage; the clip is then deleted.
    """
    before = find_answer(uploads, once)
    if before is not None:
        return before
    check_sender(uploads, sender)
    description = service.ClipDescription(sender.account_id, form.title, form.start, sender.origin)
    judged = service.judge(uploads.ports, uploads.settings, description, form.file)
    with uploads.database.transaction() as uow, service.stored(uow, uploads.ports, judged) as clip:
        made = service.register(uow, uploads.ports, uploads.settings, clip)
        once.still(uow)  # while the account is locked
        body = Submitted(task_id=made.job_id, video_id=made.video_id, same_as=made.same_as).model_dump(mode="json")
        answer = StoredResponse(201, body)
        once.keep(uow, answer)
    return answer


def _announced(request: Request, settings: Settings) -> int:
    """Return the announced length of the body (0 without one). Raises TooManyBytes before a byte is read."""
    length = announced(request)
    if length > settings.upload_max_bytes + UPLOAD_OVERHEAD_BYTES:
        raise TooManyBytes.of(length, settings.upload_max_bytes)
    return length


def _feed(form: UploadForm, batch: list[bytes]) -> None:
    for chunk in filter(None, batch):  # the last chunk of a body may be empty
        form.feed(chunk)


def _fields(title: str | None, start: str | None, *, has_file: bool) -> tuple[str, float]:
    """Check the small fields. Raises InvalidField, which names every invalid field."""
    findings = {} if has_file else {FILE_FIELD: finding("missing")}
    checked: list[Any] = []
    for check, text in ((checked_title, title), (checked_start, start)):
        try:
            checked.append(check(text))
        except InvalidField as wrong:
            findings |= wrong.findings
    if findings:
        raise InvalidField(findings)
    return checked[0], checked[1]
