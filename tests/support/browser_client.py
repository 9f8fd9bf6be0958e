"""A browser without scripts: the tests of pages look through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from support.counting_client import CountingClient
from support.publishing import publish
from support.worlds import Player, World

HTML = {"Accept": "text/html", "Accept-Language": "es-CO,es;q=0.9,en;q=0.8"}
OURS = HTML | {"Sec-Fetch-Site": "same-origin"}


@contextmanager
def browser_client(world: World, player: Player | None = None, scheme: str = "https") -> Iterator[TestClient]:
    """Open a browser without scripts, signed in as a player if one is given."""
    client = CountingClient(
        world.client.app,
        base_url=f"{scheme}://testserver",
        headers=OURS,
        raise_server_exceptions=False,
        follow_redirects=False,
    )
    if player is not None:
        client.cookies.set("__Host-anb", world.open(player.id).secret)
    yield client


def form(**changes: str) -> dict[str, str]:
    """Return the fields of the form for a new account."""
    names = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
    words = {"password1": "balon-naranja-7", "password2": "balon-naranja-7"}
    return names | words | {"email": f"{uuid4().hex}@example.com"} | changes


def published(world: World, player: Player, title: str = "Mi mejor triple") -> UUID:
    """Publish a clip of a player."""
    upload = player.upload(title)
    publish(world, upload)
    return upload.video_id
