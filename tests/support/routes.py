"""The addresses of the web application, of pages too."""

from collections.abc import Iterator
from typing import cast

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from support.worlds import World


def routes(world: World) -> Iterator[tuple[str, str]]:
    """Yield each method with its address, parameters in braces; HEAD and OPTIONS aside."""
    for route in iter_route_contexts(cast("FastAPI", world.client.app).routes):
        for method in sorted(set(route.methods or ()) - {"HEAD", "OPTIONS"}):
            yield method, str(route.path)
