"""Serve an application: the web, the uploads, the streams, and those that `bench` compares them with."""

from anb.settings import Settings

CONNECTIONS = 8192  # per process; nginx's limits are lower


def serve(target: str, settings: Settings, name: str = "web", processes: int = 1) -> None:
    """Serve the application that the factory `target` makes, until told to stop; `bench` uses it for comparisons."""
    from granian import Granian  # noqa: PLC0415 - only these commands need it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    server = Granian(
        target,
        factory=True,
        process_name=f"anb {name}",  # named like its command
        interface=Interfaces.ASGI,
        uds=settings.web_socket,
        uds_permissions=0o660 if settings.web_socket else None,
        address=settings.web_host,
        port=settings.web_port,
        workers=processes,
        websockets=False,
        # nginx has limits for each kind of request. If this limit came first, health checks and pages would wait too:
        # at the default of 1,024, that many slow uploads kept every other request out.
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.web_stop_seconds,
        log_level=LogLevels.warning,
    )
    server.serve()
