"""Who may watch what."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from anb.videos.domain import Rendition, Status, Video, Viewer, may_watch

OWNER = uuid4()


def video(*, public: bool) -> Video:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    status = Status.PROCESSED
    return Video(uuid4(), OWNER, "t", status, None, "o.mp4", "e.mp4", 22, now, now, now if public else None)


@pytest.mark.parametrize(
    ("rendition", "public", "viewer", "allowed"),
    [
        (Rendition.PROCESSED, True, Viewer(), True),
        (Rendition.PROCESSED, False, Viewer(), False),
        (Rendition.PROCESSED, False, Viewer(UUID(int=1)), False),
        (Rendition.PROCESSED, False, Viewer(OWNER), True),
        (Rendition.ORIGINAL, True, Viewer(), False),
        (Rendition.ORIGINAL, True, Viewer(UUID(int=1)), False),
        (Rendition.ORIGINAL, True, Viewer(OWNER), True),
        (Rendition.ORIGINAL, True, Viewer(UUID(int=1), organizer=True), True),
    ],
)
def test_a_published_edit_is_everybodys_the_rest_the_owners_and_the_organizers(
    rendition: Rendition, public: bool, viewer: Viewer, allowed: bool
) -> None:
    assert may_watch(video(public=public), rendition, viewer) is allowed


def test_each_file_has_its_own_place() -> None:
    assert [video(public=True).key(rendition) for rendition in Rendition] == ["o.mp4", "e.mp4"]
