"""Uploads as the page makes them: a clip of any size, and the requests that the server received meanwhile."""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Response, expect
from verify.kit import upload_forms

from anb.settings import MIB
from support.browser import Visitor, slow_down
from support.clips import Clip, draw
from support.site import PATIENCE, Person
from support.waiting import looks


def padded(path: Path, size: int, seconds: int = 3) -> Path:
    """Write a clip that the site's rules accept, with a free box at its end that makes it as large as asked."""
    path.write_bytes(upload_forms.pad(draw(Clip(seconds=seconds)).read_bytes(), size))
    return path


@dataclass
class SeenRequests:
    """The requests to /api/uploads, in their order."""

    place: str = ""  # of the upload that was created last
    times: list[tuple[str, float]] = field(default_factory=list)
    offsets_after_head: list[int] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        """Return what was asked, by method."""
        return [method for method, _ in self.times]

    def ask(self, request: Request) -> None:
        """Note a request."""
        if not re.search("/api/uploads", request.url):
            return
        self.times.append((request.method, time.monotonic()))
        if request.method == "PATCH" and "HEAD" in self.methods:
            self.offsets_after_head.append(int(request.headers["upload-offset"]))

    def answer(self, response: Response) -> None:
        """Record the address of an upload."""
        if response.request.method == "POST" and response.status == 201 and "/api/uploads" in response.url:
            self.place = urlsplit(response.headers["location"]).path


def noted(page: Page) -> SeenRequests:
    """Record a page's requests from now on."""
    seen = SeenRequests()
    page.on("request", seen.ask)
    page.on("response", seen.answer)
    return seen


def choose(page: Page, label: str, *clips: Path) -> None:
    """Choose files in a field."""
    page.get_by_label(label, exact=True).set_input_files(list(clips))


def begin(visitor: Visitor, clip: Path, title: str = "Tapón al último segundo") -> Page:
    """Open the form, and choose a clip and a title."""
    visitor.go("/upload")
    visitor.page.get_by_label("Título").fill(title)
    choose(visitor.page, "Video", clip)
    return visitor.page


def send(page: Page) -> None:
    """Send the form."""
    page.get_by_role("button", name="Subir clip").click()


def under_way(page: Page) -> None:
    """Wait until the server has acknowledged some bytes of the clip."""
    expect(page.locator("[data-percent]")).to_have_text(re.compile(r"^[1-9]"))


def reload_midway(visitor: Visitor, clip: Path) -> SeenRequests:
    """Begin an upload, and reload the page once some bytes have arrived."""
    page, seen = begin(visitor, clip, "Bandeja de espaldas"), noted(visitor.page)
    page.on("dialog", lambda dialog: dialog.accept())
    network = visitor.network()
    slow_down(network, seconds=10, size=4 * MIB)
    send(page)
    under_way(page)
    page.reload()
    slow_down(network, seconds=0.1, size=4 * MIB)
    expect(page.get_by_role("heading", name="Por terminar")).to_be_visible()
    return seen


def finish(player: Person, place: str, clip: Path) -> str:
    """Send the rest of an upload, as another device of its owner might; return the video that it became."""
    body, headers = clip.read_bytes(), {"Tus-Resumable": "1.0.0"}
    # A closed connection of the page may still hold the write lock.
    for found in looks(lambda: player.client.head(place, headers=headers), PATIENCE, pause=0.2):
        if found.status_code == 200:
            offset = found.headers["upload-offset"]
            chunk = headers | {"Upload-Offset": offset, "Content-Type": "application/offset+octet-stream"}
            sent = player.client.patch(place, headers=chunk, content=body[int(offset) :])
            if sent.status_code == 204:
                return str(sent.headers["anb-video-id"])
    raise AssertionError
