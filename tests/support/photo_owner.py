"""A player with a photo, and the files of photos."""

from sqlalchemy import text

from anb.accounts import service as accounts
from support.worlds import NUMBERS, Player, World

JPEG = b"\xff\xd8\xff a photo"  # as far as the fake maker looks
OWN = "/api/me/photo"


def send(player: Player, photo: bytes = JPEG, **headers: str) -> tuple[int, dict[str, object]]:
    """Send a photo; return the status and the answer."""
    answered = player.world.client.put(OWN, content=photo, headers=player.headers | headers)
    return answered.status_code, answered.json()


def add(player: Player) -> list[str]:
    """Give a player another photo; return the keys of its files."""
    before = kept(player.world)
    assert send(player, JPEG + b"%d" % next(NUMBERS))[0] == 200
    return [key for key in kept(player.world) if key not in before]


def kept(world: World) -> list[str]:
    """Return the files of photos, and those that were left over."""
    return [key for key in world.files() if not key.startswith(("originals/", "edits/"))]


def hidden_photo(world: World, owner: Player) -> str:
    """Give a player a photo, and hide their clips, which would make it public; return the player's username."""
    assert send(owner)[0] == 200
    with world.uow() as uow:
        uow.execute(text("update videos set published_at = null where owner_id = :owner"), {"owner": owner.id})
        return accounts.who(uow, owner.id).username
