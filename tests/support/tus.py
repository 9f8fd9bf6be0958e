"""A client of resumable uploads for tests: each request by hand."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anb.resumable import service
from anb.resumable.domain import WriteLock
from support.worlds import Player, World

CHUNK_TYPE = "application/offset+octet-stream"


@dataclass
class TusSender:
    """A player's way to send a clip in chunks."""

    player: Player

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Tus-Resumable": "1.0.0"} | self.player.headers | more.pop("headers", {})
        return self.player.world.client.request(method, path, headers=headers, **more)

    def create(self, size: int | str, title: str = "Mi mejor triple", **more: Any) -> Any:
        headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename eA==,title {word(title)}"}
        return self.ask("POST", "/api/uploads", headers=headers | more.pop("headers", {}), **more)

    def begin(self, size: int, title: str = "Mi mejor triple") -> str:
        made = self.create(size, title)
        assert made.status_code == 201, made.text
        path: str = made.headers["location"]
        return path

    def send(self, path: str, offset: int | str, body: bytes, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(
            "PATCH", path, content=body, headers={"Upload-Offset": str(offset), "Content-Type": CHUNK_TYPE} | named
        )

    def offset(self, path: str) -> int:
        seen = self.ask("HEAD", path)
        assert seen.status_code == 200, seen.headers
        return int(seen.headers["upload-offset"])


def word(text: str) -> str:
    """Encode a value for Upload-Metadata."""
    return b64encode(text.encode()).decode()


def upload_id(path: str) -> UUID:
    """Return the id in an upload's address."""
    return UUID(path.rpartition("/")[2])


def lock_at(world: World, sender: TusSender, path: str, offset: int) -> WriteLock:
    """Take the write lock as another server would."""
    taken = service.take_write_lock(
        world.database, world.ports, world.settings, upload_id(path), sender.player.id, offset
    )
    assert isinstance(taken, WriteLock)
    return taken


def original(world: World) -> bytes:
    (name,) = world.files()
    return (world.settings.media_root / name).read_bytes()


def killed(world: World, sender: TusSender, path: str, body: bytes) -> WriteLock:
    """Do what a server does that is killed right after it reported every byte as safe."""
    lock = lock_at(world, sender, path, 0)
    file = world.ports.partial_files.resume(lock.part_key, 0)
    file.write(body)
    service.renew(world.database, world.settings, lock, file.sync(), is_alive=True)
    file.close()
    return lock
