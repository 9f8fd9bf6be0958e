"""Receives a chunk: one writer, bytes durable within a second of arrival, and no write after a lost write lock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import anyio
from fastapi import Request
from starlette.requests import ClientDisconnect

from anb.db.session import Database
from anb.errors import Outage
from anb.logs import logger
from anb.media.head import Head
from anb.media.unreadable import NotAVideo
from anb.ports import Ports
from anb.resumable import service
from anb.resumable.domain import State, TakenOver, Upload, UploadBusy, WriteLock
from anb.resumable.intake import Intake
from anb.resumable.tus import Checksum
from anb.settings import Settings
from anb.videos import service as videos
from anb.videos.service import Submission
from anb.web.pace import TookTooLong, TooSlow
from anb.web.upload_threads import UploadThreads, pump, together

log = logger(__name__)

LOOKS = 25  # at a busy upload, per lease
CUT = (ClientDisconnect, TooSlow, TookTooLong)  # the bytes received before one of these are kept
BEATS = 5  # heartbeats per lease
# Heartbeats after which a writer counts as alive: the first may have been sent when its client had already gone.
BELIEVED = 2


@dataclass(frozen=True)
class Written:
    """The result of a body: where the next chunk begins and, once the upload is complete, what it became."""

    received: int
    submission: Submission | None = None


class Writing:
    """One request that writes to one upload."""

    def __init__(self, threads: UploadThreads, database: Database, ports: Ports, settings: Settings) -> None:
        self._threads, self._database, self._ports, self._settings = threads, database, ports, settings

    async def take_write_lock(self, upload_id: UUID, owner: UUID, offset: int) -> WriteLock | None:
        """Take the lock as the service does; wait for a writer that is stuck, but not for one that is alive."""
        take = partial(service.take_write_lock, self._database, self._ports, self._settings)
        first: UploadBusy | None = None
        while True:
            try:
                return await self._threads.db(partial(take, upload_id, owner, offset))
            except UploadBusy as busy:
                first = first or busy
                if busy.until != first.until:
                    raise
            await anyio.sleep(self._settings.upload_lease_seconds / LOOKS)

    async def check_room(self, more: int) -> None:
        """Refuse bytes that would not leave enough free space. Raises NoRoom, Outage."""
        await self._threads.io(partial(videos.check_room, self._ports, self._settings, more))

    async def look(self, upload_id: UUID, owner: UUID) -> Upload:
        """Return an upload as it is. Raises what the service's `show` raises."""
        return await self._threads.db(partial(self._show, upload_id, owner))

    def _show(self, upload_id: UUID, owner: UUID) -> Upload:
        with self._database.reading() as uow:
            return service.show(uow, upload_id, owner)

    async def settled(self, upload_id: UUID, owner: UUID) -> Upload:
        """Return an upload once no request is writing to it, so that a client can resume at its offset.

        Waits for one lease at most, and not for a live writer: its client knows best what it has sent.
        """
        upload = await self.look(upload_id, owner)
        leases = {upload.lease_expires_at}
        while upload.state is State.OPEN and upload.is_written and len(leases) <= BELIEVED:
            await anyio.sleep(self._settings.upload_lease_seconds / LOOKS)
            upload = await self.look(upload_id, owner)
            leases.add(upload.lease_expires_at)
        return upload

    async def take(self, request: Request, lock: WriteLock, check: Checksum | None) -> Written:
        """Write a body; return where the next chunk begins, or what the upload became.

        However it ends, the received bytes stay and the lock is released. A chunk with a checksum stays as a whole or
        not at all.
        Raises UploadTooLarge, WrongChecksum, TakenOver, TooSlow, TookTooLong, the refusals of the rules;
        ClientDisconnect, Outage.
        """
        async with self._locked(lock, check) as intake:
            try:
                await pump(request, intake.feed, self._threads)
                intake.check_all()
            except NotAVideo as refusal:
                await self._refuse(intake, refusal)
                raise
            return await self._end(intake)

    async def finish(self, lock: WriteLock) -> Submission:
        """Judge a complete upload whose server died before it judged it. Raises what `take` raises."""
        async with self._locked(lock, None) as intake:
            return await self._judge(intake)

    @asynccontextmanager
    async def _locked(self, lock: WriteLock, check: Checksum | None) -> AsyncIterator[Intake]:
        """Send heartbeats while the block runs. However it ends, release the lock; keep the bytes if allowed."""
        intake = await self._open(lock, check)
        try:
            async with together() as tasks:
                tasks.start_soon(self._beat, intake)
                tasks.start_soon(self._hash_stored, intake)
                yield intake
                tasks.cancel_scope.cancel()
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await self._let_go(intake, keep=isinstance(error, CUT) and check is None)
            raise
        finally:
            intake.file.close()

    async def give_back(self, lock: WriteLock) -> None:
        """Release a lock with which nothing was written. Raises TakenOver."""
        await self._threads.db(partial(service.release, self._database, self._settings, lock, None))

    async def _open(self, lock: WriteLock, check: Checksum | None) -> Intake:
        try:
            return await self._threads.io(partial(self._resume, lock, check))
        except Outage:
            await self.give_back(lock)
            raise

    def _resume(self, lock: WriteLock, check: Checksum | None) -> Intake:
        file, head = self._ports.partial_files.resume(lock.part_key, lock.offset), Head(self._ports.prober)
        try:
            head.resume(file.path, lock.offset)
        except OSError as error:
            file.close()
            raise Outage(f"{file.path.name}: {error.strerror}") from error
        return Intake(file, lock, check, head, self._ports.prober.prepare)

    async def _refuse(self, intake: Intake, refusal: NotAVideo) -> None:
        """Refuse an upload because of its first bytes, as judging the whole clip would."""
        refuse = partial(service.refuse, self._database, self._ports, intake.lock, refusal)
        async with intake.noting:
            intake.is_over = True
            await self._threads.io(refuse)

    async def _end(self, intake: Intake) -> Written:
        """Store in the row how many bytes are durable; judge the upload if it is complete."""
        if not intake.is_whole:
            async with intake.noting:  # and no heartbeat after it
                intake.is_over = True
                return Written(await self._threads.io(partial(self._keep, intake)))
        received = await self._threads.io(intake.file.sync)
        await self._renew(intake, received, is_alive=True)
        return Written(received, await self._judge(intake))

    def _keep(self, intake: Intake) -> int:
        """Make a chunk durable, update the row and release the lock, in one call: each hop to a thread takes time."""
        received = intake.file.sync()
        service.release(self._database, self._settings, intake.lock, received)
        intake.file.remember()
        return received

    async def _judge(self, intake: Intake) -> Submission:
        intake.is_judged = True
        finish = partial(service.finish, self._database, self._ports, self._settings)
        return await self._threads.probe(partial(finish, intake.lock, intake.file))

    async def _hash_stored(self, intake: Intake) -> None:
        """Hash the bytes of earlier requests while new ones arrive: after the last byte, the client would wait."""
        while await self._threads.io(intake.file.catch_up):
            pass

    async def _beat(self, intake: Intake) -> None:
        """Renew the lease as long as bytes arrive. Each heartbeat makes them durable and updates the row."""
        while True:
            await anyio.sleep(self._settings.upload_lease_seconds / BEATS)
            is_alive, intake.moved = intake.moved or intake.is_judged, False
            received = None
            if is_alive and not intake.is_judged and intake.check is None:
                received = await self._threads.io(intake.file.sync)
            try:
                await self._renew(intake, received, is_alive=is_alive)
            except TakenOver:
                if not intake.is_judged:
                    raise
                return  # it is being registered right now, or the registration will find that the lock is lost

    async def _renew(self, intake: Intake, received: int | None, *, is_alive: bool) -> None:
        renew = partial(service.renew, self._database, self._settings)
        async with intake.noting:
            if not intake.is_over:
                await self._threads.db(partial(renew, intake.lock, received, is_alive=is_alive))

    async def _let_go(self, intake: Intake, *, keep: bool) -> None:
        """Release the lock of a request that failed; if that fails too, its lease expires."""
        try:
            if keep:
                await self._threads.io(partial(self._keep, intake))
            else:
                await self.give_back(intake.lock)
        except (TakenOver, Outage) as error:
            log.info("uploads.turn.lost", upload_id=str(intake.lock.upload_id), error=repr(error))
