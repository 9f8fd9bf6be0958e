"""A piece on its way in: one writer, what came is durable within a second of coming, and a lost turn writes no more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import anyio
from fastapi import Request
from starlette.requests import ClientDisconnect

from anb.db.session import Database
from anb.errors import Outage
from anb.logs import logger
from anb.ports import Piece, Ports
from anb.settings import Settings
from anb.uploads import service
from anb.uploads.domain import TakenOver, Turn, Upload, UploadBusy, UploadTooLarge
from anb.uploads.tus import Checksum
from anb.videos.service import Submission
from anb.web.desk import UploadDesk, pump, together

log = logger(__name__)

LOOKS = 25  # at a busy upload while a lease lasts
BEATS = 5  # signs of life while a lease lasts


class Writing:
    """One request that writes to one upload."""

    def __init__(self, desk: UploadDesk, database: Database, ports: Ports, settings: Settings) -> None:
        self._desk, self._database, self._ports, self._settings = desk, database, ports, settings

    async def take_turn(self, upload_id: UUID, owner: UUID, offset: int) -> Turn | Upload:
        """Wait for a writer that is stuck, not for one that lives. Raises UploadBusy, and what the service raises."""
        take = partial(service.take_turn, self._database, self._ports, self._settings)
        first: UploadBusy | None = None
        while True:
            try:
                return await self._desk.note(partial(take, upload_id, owner, offset))
            except UploadBusy as busy:
                first = first or busy
                if busy.until != first.until:
                    raise
            await anyio.sleep(self._settings.upload_lease_seconds / LOOKS)

    async def take(self, request: Request, turn: Turn, check: Checksum | None) -> Submission | int:
        """Write a body; return where the next piece begins, or what became of the whole.

        Whatever ends it, what came stays and the turn is over; of a piece with a checksum all stays or nothing.
        Raises UploadTooLarge, WrongChecksum, TakenOver, the refusals of the rules; ClientDisconnect, Outage.
        """
        async with self._turn(turn, check) as intake:
            await pump(request, intake.feed, self._desk)
            return await self._end(intake)

    async def finish(self, turn: Turn) -> Submission:
        """Judge what came whole and was never judged: its server died. Raises as `take`."""
        async with self._turn(turn, None) as intake:
            return await self._judge(intake)

    @asynccontextmanager
    async def _turn(self, turn: Turn, check: Checksum | None) -> AsyncIterator["Intake"]:
        """Show signs of life while the block runs; whatever ends it, the turn is over. What came stays if it may."""
        intake = await self._open(turn, check)
        try:
            async with together() as tasks:
                tasks.start_soon(self._beat, intake)
                yield intake
                tasks.cancel_scope.cancel()
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await self._let_go(intake, keep=isinstance(error, ClientDisconnect) and check is None)
            raise
        finally:
            intake.piece.close()

    async def give_back(self, turn: Turn) -> None:
        """End a turn nothing was written in. Raises TakenOver."""
        await self._desk.note(partial(service.release, self._database, self._settings, turn, None))

    async def _open(self, turn: Turn, check: Checksum | None) -> "Intake":
        try:
            piece = await self._desk.write(partial(self._ports.pieces.resume, turn.part_key, turn.offset))
        except Outage:
            await self.give_back(turn)
            raise
        return Intake(piece, turn, check)

    async def _end(self, intake: "Intake") -> Submission | int:
        """Say in the row what came, once it is durable; judge it if that is all."""
        if intake.check is not None:
            intake.check.check()
        if not intake.is_whole:
            async with intake.noting:  # and no sign of life after it
                intake.is_over = True
                return await self._desk.write(partial(self._keep, intake))
        received = await self._desk.write(intake.piece.sync)
        await self._renew(intake, received, is_alive=True)
        return await self._judge(intake)

    def _keep(self, intake: "Intake") -> int:
        """Make a piece durable, say so in the row and end the turn, in one go: each hop to a thread costs."""
        received = intake.piece.sync()
        service.release(self._database, self._settings, intake.turn, received)
        return received

    async def _judge(self, intake: "Intake") -> Submission:
        intake.is_judged = True
        finish = partial(service.finish, self._database, self._ports, self._settings)
        return await self._desk.judge(partial(finish, intake.turn, intake.piece))

    async def _beat(self, intake: "Intake") -> None:
        """Keep the turn as long as bytes come. What came is made durable and said in the row each time."""
        while True:
            await anyio.sleep(self._settings.upload_lease_seconds / BEATS)
            is_alive, intake.moved = intake.moved or intake.is_judged, False
            received = None
            if is_alive and not intake.is_judged and intake.check is None:
                received = await self._desk.write(intake.piece.sync)
            try:
                await self._renew(intake, received, is_alive=is_alive)
            except TakenOver:
                if not intake.is_judged:
                    raise
                return  # it is registered this very moment, or the registration itself will find the turn over

    async def _renew(self, intake: "Intake", received: int | None, *, is_alive: bool) -> None:
        renew = partial(service.renew, self._database, self._settings)
        async with intake.noting:
            if not intake.is_over:
                await self._desk.note(partial(renew, intake.turn, received, is_alive=is_alive))

    async def _let_go(self, intake: "Intake", *, keep: bool) -> None:
        """End the turn of a request that failed; where even that fails, its lease ends by itself."""
        try:
            if keep:
                await self._desk.write(partial(self._keep, intake))
            else:
                await self.give_back(intake.turn)
        except (TakenOver, Outage) as error:
            log.info("uploads.turn.lost", upload_id=str(intake.turn.upload_id), error=repr(error))


class Intake:
    """The bytes of one turn."""

    def __init__(self, piece: Piece, turn: Turn, check: Checksum | None) -> None:
        self.piece, self.turn, self.check = piece, turn, check
        self.moved = True
        self.is_judged = False
        self.is_over = False
        self.noting = anyio.Lock()
        self._room = turn.bytes - turn.offset

    @property
    def is_whole(self) -> bool:
        """Whether every byte of the upload has come."""
        return self._room == 0

    def feed(self, batch: list[bytes]) -> None:
        """Take the next bytes. Raises UploadTooLarge, Outage."""
        for chunk in batch:
            self._room -= len(chunk)
            if self._room < 0:
                raise UploadTooLarge(limit=self.turn.bytes)
            self.piece.write(chunk)
            if self.check is not None:
                self.check.sum.update(chunk)
        self.moved = True
