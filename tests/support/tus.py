"""A client of resumable uploads for tests: every request by hand."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anb.uploads import service
from anb.uploads.domain import Turn
from support.worlds import Player, World

PIECE = "application/offset+octet-stream"


@dataclass
class Sender:
    """A player's way to send a clip in pieces."""

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
            "PATCH", path, content=body, headers={"Upload-Offset": str(offset), "Content-Type": PIECE} | named
        )

    def offset(self, path: str) -> int:
        seen = self.ask("HEAD", path)
        assert seen.status_code == 200, seen.headers
        return int(seen.headers["upload-offset"])


def word(text: str) -> str:
    """Write a value as Upload-Metadata has it."""
    return b64encode(text.encode()).decode()


def upload_id(path: str) -> UUID:
    """Return the id in an upload's address."""
    return UUID(path.rpartition("/")[2])


def turn_at(world: World, sender: Sender, path: str, offset: int) -> Turn:
    """Take a turn as another server would."""
    taken = service.take_turn(world.database, world.ports, world.settings, upload_id(path), sender.player.id, offset)
    assert isinstance(taken, Turn)
    return taken


def original(world: World) -> bytes:
    (name,) = world.files()
    return (world.settings.media_root / name).read_bytes()


def killed(world: World, sender: Sender, path: str, body: bytes) -> Turn:
    """Do what a server does that is killed right after it said that every byte is safe."""
    turn = turn_at(world, sender, path, 0)
    piece = world.ports.pieces.resume(turn.part_key, 0)
    piece.write(body)
    service.renew(world.database, world.settings, turn, piece.sync(), is_alive=True)
    piece.close()
    return turn
