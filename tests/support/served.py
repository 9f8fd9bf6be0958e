"""Serves a world's application on a port, for a browser: the pages alone, without the rest of the platform."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn  # comes with oidc-provider-mock
from verify.kit.ports import free_port

from support.site import Site
from support.waiting import until
from support.worlds import World


@contextmanager
def served(world: World) -> Iterator[Site]:
    """Serve until the block ends. The world's own client must not be used meanwhile: it is another event loop."""
    port = free_port()
    app = world.client.app
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, lifespan="off", log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield Site(f"http://127.0.0.1:{port}", world.settings.media_root.parent)
    finally:
        server.should_exit = True
        thread.join(20)
