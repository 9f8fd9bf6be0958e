"""Smaller posters next to what the version before made, which knows none."""

import pytest
from sqlalchemy import text

from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE, POSTERS
from anb.videos import service as videos
from support.publishing import publish
from support.worlds import AcceptedClip, World

SMALL = "/api/videos/{}/poster-640"
QUEUED = text("select id from jobs where video_id = :video and state = 'queued'")
COUNTED = text("select count(*) from poster_files")


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload()


def test_their_rows_go_with_the_poster_that_the_version_before_replaces(world: World, upload: AcceptedClip) -> None:
    publish(world, upload)
    with world.uow() as uow:
        assert uow.execute(COUNTED).scalar_one() == len(POSTERS)
        uow.execute(text("delete from renditions"))
        assert uow.execute(COUNTED).scalar_one() == 0


def test_a_clip_that_the_version_before_edited_gets_them_by_a_new_edit(world: World, upload: AcceptedClip) -> None:
    publish(world, upload, [one for one in MADE if one not in POSTERS], recipe=5)
    address = SMALL.format(upload.video_id)
    assert world.client.get(address).status_code == 404
    with world.uow() as uow:
        assert videos.reedit(uow, world.ports, older_than=RECIPE_VERSION, every=0) == 1
    with world.uow() as uow:
        job = uow.execute(QUEUED, {"video": upload.video_id}).scalar_one()
    publish(world, upload, job=job)
    assert world.client.get(address).status_code == 200
