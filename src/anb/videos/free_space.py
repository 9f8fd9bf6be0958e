"""Free space on the share. Uploads may not use the last of it: edits and operators need it."""

from anb.ports import Ports
from anb.settings import MIB, Settings
from anb.videos.domain import NoRoom

MOST_KEPT = 10 * 1024 * MIB  # on a large share, even the last tenth holds many clips


def check_room(ports: Ports, settings: Settings, more: int) -> None:
    """Refuse bytes that would not leave enough free space. Raises NoRoom, Outage."""
    share = min(settings.free_share_floor * ports.inventory.total_bytes(), MOST_KEPT)
    if ports.media.free_bytes() < max(settings.free_bytes_floor, share) + more:
        raise NoRoom
