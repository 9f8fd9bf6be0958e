"""Which people may watch which video."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from anb.media.renditions import MADE, Rendition
from anb.videos.domain import File, Status, Video, Viewer, may_watch

OWNER = uuid4()


def video(*, public: bool) -> Video:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    files = {rendition: File(rendition, "video/mp4") for rendition in Rendition}
    return Video(uuid4(), OWNER, "t", Status.PROCESSED, None, files, 22, now, now, now if public else None)


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
    ],
)
def test_what_was_made_and_published_is_everybodys_the_rest_the_owners_and_the_organizers(
    rendition: Rendition, public: bool, viewer: Viewer, allowed: bool
) -> None:
    assert may_watch(video(public=public), rendition, viewer) is allowed


@pytest.mark.parametrize("rendition", MADE)
def test_all_renditions_are_public_together(rendition: Rendition) -> None:
    assert may_watch(video(public=True), rendition, Viewer())
    assert not may_watch(video(public=False), rendition, Viewer())
