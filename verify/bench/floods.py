"""Floods: sign-ins, and large uploads, each bounded in number and time."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from verify.bench.client import answered, ask, connected, head, lost, post
from verify.bench.dribbles import Dribbles, Ready
from verify.bench.listeners import Listeners
from verify.bench.raw_client import Form
from verify.bench.verdicts import CrowdTally
from verify.kit.upload_forms import CONTENT_TYPE

LEAVES_AFTER = 0.1  # seconds; a fifth of the clients that sign in do not wait for the answer
UPLOAD_PATIENCE = 120.0


@dataclass(frozen=True)
class SignIns:
    """Sign-ins at a steady rate. Of five, two have the right password, two a wrong one, and one hangs up."""

    name: ClassVar[str] = "sign-ins"
    port: int
    email: str
    password: str
    seconds: float
    rate: float = 50

    async def run(self, ready: Ready) -> CrowdTally:
        """Sign in for as long as it lasts, independent of the answers."""
        tally, begun = CrowdTally(), time.perf_counter()
        ready()
        async with asyncio.TaskGroup() as group:
            for number in range(int(self.rate * self.seconds)):
                await asyncio.sleep(max(0, begun + number / self.rate - time.perf_counter()))
                group.create_task(
                    self._leave(tally) if number % 5 == 4 else self._wait(tally, is_right=number % 2 == 0)
                )
        return tally

    async def _wait(self, tally: CrowdTally, *, is_right: bool) -> None:
        answer = await ask(self.port, self._request(is_right=is_right))
        tally.add(answer, {200} if is_right else {401})

    async def _leave(self, tally: CrowdTally) -> None:
        try:
            async with connected(self.port) as (_, writer):
                writer.write(self._request(is_right=True))
                await asyncio.sleep(LEAVES_AFTER)
            tally.outcomes["left"] += 1
        except OSError as error:
            tally.faults[type(error).__name__] += 1

    def _request(self, *, is_right: bool) -> bytes:
        password = self.password if is_right else "no-es-esta-clave"
        return post("/api/auth/login", json.dumps({"email": self.email, "password": password}).encode())


@dataclass(frozen=True)
class UploadFlood:
    """Large uploads, one per account at a time. A finished one is followed by the next until the end."""

    name: ClassVar[str] = "uploads"
    port: int
    tokens: tuple[str, ...]
    clip: Path
    seconds: float
    most_of_each: int = 10

    async def run(self, ready: Ready) -> CrowdTally:
        """Upload concurrently, and complete the uploads that have begun."""
        tally = CrowdTally()
        ready()
        await asyncio.gather(*(self._keep_sending(token, tally) for token in self.tokens))
        return tally

    async def _keep_sending(self, token: str, tally: CrowdTally) -> None:
        ends = time.perf_counter() + self.seconds
        for _ in range(self.most_of_each):
            if time.perf_counter() >= ends:
                break
            await self._send(token, tally)

    async def _send(self, token: str, tally: CrowdTally) -> None:
        form, begun = Form(self.clip), time.perf_counter()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE, "Content-Length": str(form.size)}
        try:
            async with asyncio.timeout(UPLOAD_PATIENCE), connected(self.port) as (reader, writer):
                writer.write(head("POST", "/api/videos/upload", headers) + form.head)
                with self.clip.open("rb") as file:
                    await asyncio.get_running_loop().sendfile(writer.transport, file)
                writer.write(form.tail)
                tally.add(await answered(reader, begun), {201})
        except (OSError, EOFError, TimeoutError, RuntimeError) as error:  # RuntimeError: closed before the clip began
            tally.add(lost(error, begun), ())


Flood = SignIns | Dribbles | UploadFlood | Listeners
