"""Receive a photo, as a form or as the whole body, and make it the caller's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import anyio
from fastapi import Request

from anb.photos import service
from anb.photos.domain import Photo, PhotoMissing, too_many
from anb.ports import Ports, Receiving
from anb.settings import UPLOAD_OVERHEAD_BYTES, Settings
from anb.videos.domain import IncompleteUpload, TooManyBytes
from anb.videos.multipart import UploadForm
from anb.videos.service import check_room
from anb.videos.uploads import Uploads
from anb.web.lengths import announced
from anb.web.upload_threads import pump

FIELD = "photo"


async def take_photo(request: Request, uploads: Uploads, caller: UUID) -> Photo:
    """Receive a photo and give it to the caller; the file itself is deleted.

    Raises PhotoMissing, PhotoTooManyBytes, NoRoom, AccountNotFound, the REFUSALS of photos; ClientDisconnect.
    """
    async with _received(request, uploads) as file:
        return await uploads.threads.probe(partial(_use, uploads, caller, file))


def _use(uploads: Uploads, caller: UUID, file: Receiving) -> Photo:
    file.settle()
    made = service.make(uploads.ports, uploads.settings, file.path)
    with uploads.database.transaction() as uow, service.stored(uow, uploads.ports, made) as files:
        return service.replace(uow, uploads.ports, caller, files)


@asynccontextmanager
async def _received(request: Request, uploads: Uploads) -> AsyncIterator[Receiving]:
    """Read the body. However the block ends, the file is deleted."""
    settings, length = uploads.settings, announced(request)
    if length > settings.photo_max_bytes + UPLOAD_OVERHEAD_BYTES:
        raise too_many(length, settings)
    file = await uploads.threads.io(partial(_open, uploads.ports, settings, length))
    try:
        body = _Body(request.headers.get("content-type", ""), length or None, file, settings)
        await pump(request, body.feed, uploads.threads)
        body.end()
        yield file
    finally:
        with anyio.CancelScope(shield=True):
            await uploads.threads.io(file.discard)


def _open(ports: Ports, settings: Settings, length: int) -> Receiving:
    check_room(ports, settings, length)
    return ports.media.receive()


class _Body:
    """A body that is a photo, or a form with one."""

    def __init__(self, kind: str, length: int | None, file: Receiving, settings: Settings) -> None:
        self._file, self._settings, self._bytes = file, settings, 0
        is_form = kind.partition(";")[0].strip().lower() == "multipart/form-data"
        self._form = self._opened(kind, length) if is_form else None

    def _opened(self, kind: str, length: int | None) -> UploadForm:
        try:
            return UploadForm(kind, length, self, self._settings.photo_max_bytes, FIELD)
        except IncompleteUpload:
            raise PhotoMissing from None

    def feed(self, batch: list[bytes]) -> None:
        """Take the next bytes of the body. Raises PhotoMissing, PhotoTooManyBytes."""
        for chunk in filter(None, batch):
            if self._form is None:
                self.write(chunk)
                continue
            try:
                self._form.feed(chunk)
            except IncompleteUpload:
                raise PhotoMissing from None
            except TooManyBytes as error:
                raise too_many(None, self._settings) from error

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes of the photo. Raises PhotoTooManyBytes."""
        self._bytes += len(chunk)
        if self._bytes > self._settings.photo_max_bytes:
            raise too_many(None, self._settings)
        self._file.write(chunk)

    def end(self) -> None:
        """End the body. Raises PhotoMissing."""
        try:
            if self._form is not None:
                self._form.end()
        except IncompleteUpload:
            raise PhotoMissing from None
        if not self._bytes:
            raise PhotoMissing
