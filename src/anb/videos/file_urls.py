"""The addresses of a video's files: with a signature that expires, if the file is not public."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from anb.media.renditions import Rendition
from anb.ports import Ports
from anb.settings import Settings
from anb.videos.domain import Video
from anb.web.targets import site_address


class FileUrls:
    """Makes absolute addresses of files, for one request."""

    def __init__(self, request: Request, ports: Ports, settings: Settings) -> None:
        self._base = site_address(request, settings)
        self._ports = ports
        self._settings = settings

    def of(self, video: Video, rendition: Rendition) -> str | None:
        """Return the address of a file, or None if it does not exist yet."""
        if rendition not in video.files:
            return None
        path = f"{self._base}/api/videos/{video.id}/{rendition}"
        if video.shows(rendition):
            return path
        expires = int((self._ports.clock.now() + timedelta(seconds=self._settings.signature_seconds)).timestamp())
        signature = self._ports.tokens.sign(_message(video.id, rendition, expires))
        return f"{path}?{urlencode({'expires': expires, 'signature': signature})}"


def is_signed(ports: Ports, video_id: UUID, rendition: Rendition, expires: int, signature: str) -> bool:
    """Say whether we signed this address and it has not expired."""
    fresh = expires >= ports.clock.now().timestamp()
    return fresh and ports.tokens.verify(_message(video_id, rendition, expires), signature)


def _message(video_id: UUID, rendition: Rendition, expires: int) -> str:
    return f"{rendition}:{video_id}:{expires}"
