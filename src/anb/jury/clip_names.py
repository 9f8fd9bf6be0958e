"""What a clip is called in a juror's queue: its sealed id, so that no address leads to the clip's public page."""

import base64
import binascii
from uuid import UUID

from anb.ports import Ports

OWNER = "jury-clip"


def name_of(ports: Ports, video_id: UUID) -> str:
    """Return a name for a clip, another one each time."""
    return base64.urlsafe_b64encode(ports.secrets.seal(video_id.hex, OWNER)).decode().rstrip("=")


def clip_of(ports: Ports, name: str) -> UUID | None:
    """Return the clip of a name; None if we did not make it."""
    try:
        sealed = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
    except (binascii.Error, ValueError):
        return None
    found = ports.secrets.unseal(sealed, OWNER)
    return None if found is None else UUID(found)
