"""The live streams of a web server: a separate unit, restarted in place, since browsers reconnect automatically."""

from deploy.hosts import services
from deploy.hosts.definitions import HOSTS, SECRETS
from deploy.hosts.machine import Machine

UNIT = "anb-streams.service"
SOCKET = "/run/anb/streams.sock"


def converge(machine: Machine, release: str) -> None:
    """Write the unit of a release and start it."""
    memory = HOSTS["web"].memory[UNIT]
    path = services.install(machine, UNIT, release=release, memory=memory, socket=SOCKET)
    services.settle(machine, UNIT, [path, SECRETS])
