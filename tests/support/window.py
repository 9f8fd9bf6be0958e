"""A browser without a script: what the pages' tests look through."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from support.publishing import publish
from support.worlds import Player, World

HTML = {"Accept": "text/html", "Accept-Language": "es-CO,es;q=0.9,en;q=0.8"}
OURS = HTML | {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def window(world: World, player: Player | None = None, scheme: str = "https") -> Iterator[TestClient]:
    """Open a browser without a script, signed in as a player if one is given."""
    client = TestClient(
        world.client.app,
        base_url=f"{scheme}://testserver",
        headers=OURS,
        raise_server_exceptions=False,
        follow_redirects=False,
    )
    if player is not None:
        client.cookies.set("__Host-anb", player.headers["Authorization"].removeprefix("Bearer "))
    yield client


def form(**changes: str) -> dict[str, str]:
    """Return what somebody types into the form of a new account."""
    names = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
    words = {"password1": "balon-naranja-7", "password2": "balon-naranja-7"}
    return names | words | {"email": f"{uuid4().hex}@example.com"} | changes


def published(world: World, player: Player, title: str = "Mi mejor triple") -> UUID:
    """Publish a clip of a player."""
    upload = player.upload(title)
    publish(world, upload)
    return upload.video_id
