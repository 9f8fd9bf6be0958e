"""Renditions through nginx, and `anb videos reedit` on a running site with its real processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anb.db.session import dialect_url
from anb.media.recipe import RECIPE_VERSION
from anb.settings import read_env_file
from support.edits import check_edit
from support.site import PATIENCE, Site, running_alone
from support.waiting import looks

pytestmark = pytest.mark.slow

FORMS = {"processed": "video/mp4", "light": "video/mp4", "poster": "image/jpeg", "sprite": "image/jpeg"}
FORMS |= {"thumbnails": "text/vtt", "poster-640": "image/avif", "poster-640-jpeg": "image/jpeg"}
QUEUED = f"Queued for a new edit by recipe {RECIPE_VERSION}: {{}}, one every {{}} s.\n"
REEDIT = [sys.executable, "-m", "anb", "videos", "reedit"]


@pytest.fixture(scope="module")
def alone() -> Iterator[Site]:
    """A site of this module's own, because reediting makes every edit on a site anew."""
    with running_alone() as site:
        yield site


@pytest.fixture(scope="module")
def video(alone: Site) -> dict[str, Any]:
    return alone.player().published()


def reedit(site: Site, *options: str) -> str:
    environment = {**os.environ, "ANB_DATA_DIR": str(site.folder)}
    done = subprocess.run([*REEDIT, *options], env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def files(site: Site) -> set[Path]:
    return {path for path in (site.folder / "media" / "edits").rglob("*") if path.is_file()}


def test_every_rendition_is_answered_with_ranges(alone: Site, video: dict[str, Any]) -> None:
    client = alone.client()
    for name, form in FORMS.items():
        url = f"/api/videos/{video['video_id']}/{name}"
        whole, part = client.get(url), client.get(url, headers={"Range": "bytes=4-11"})
        assert (whole.status_code, whole.headers["content-type"]) == (200, form)
        assert (part.status_code, part.content) == (206, whole.content[4:12])
    sheet = next(line for line in client.get(video["thumbnails_url"]).text.splitlines() if "xywh" in line)
    assert sheet == "sprite#xywh=0,0,160,90"


def test_a_new_edit_takes_the_place_of_the_old_while_that_can_be_watched(alone: Site, video: dict[str, Any]) -> None:
    old, client = files(alone), alone.client()
    first = client.get(video["processed_url"])
    assert reedit(alone, "--older-than-recipe", "2") == QUEUED.format(0, 60)
    assert reedit(alone, "--all", "--every", "0") == QUEUED.format(1, 0)
    for again in looks(lambda: client.get(video["processed_url"]), PATIENCE, pause=0.2):
        if again.headers["etag"] != first.headers["etag"]:
            break
        assert again.content == first.content
    check_edit(again.content, clip_seconds=3.0)
    seen = client.get("/api/public/videos", params={"limit": 100}).json()
    assert [one["published_at"] for one in seen if one["video_id"] == video["video_id"]] == [video["published_at"]]
    assert len(old) == len(files(alone)) == len(FORMS)
    assert not old & files(alone)


def test_a_library_of_old_edits_is_made_anew_while_all_of_it_stays_public(alone: Site) -> None:
    player, client = alone.player("Marta"), alone.client()
    library = [player.published(title=f"Triple {number}")["video_id"] for number in range(3)]
    with database(alone) as connection:  # as the previous version left them
        connection.execute(sa.text("update renditions set recipe = 4"))
    total = recipes(alone)[4]
    old = {video_id: client.get(f"/api/videos/{video_id}/processed").headers["etag"] for video_id in library}
    assert reedit(alone, "--older-than-recipe", "4") == QUEUED.format(0, 60)
    assert reedit(alone, "--older-than-recipe", "5", "--every", "0") == QUEUED.format(total, 0)
    for made in looks(lambda: recipes(alone), PATIENCE, pause=0.2):
        if made == {RECIPE_VERSION: total}:
            break
        seen = {one["video_id"] for one in client.get("/api/public/videos", params={"limit": 100}).json()}
        assert seen >= set(library)
        assert {client.get(f"/api/videos/{each}/processed").status_code for each in library} == {200}
    new = {video_id: client.get(f"/api/videos/{video_id}/processed").headers["etag"] for video_id in library}
    assert [video_id for video_id in library if new[video_id] == old[video_id]] == []
    assert reedit(alone, "--older-than-recipe", "5") == QUEUED.format(0, 60)


def recipes(site: Site) -> dict[int, int]:
    """Return the number of videos for each recipe."""
    with database(site) as connection:
        counted = connection.execute(
            sa.text("select recipe, count(distinct video_id) as videos from renditions group by 1")
        )
        return {row.recipe: row.videos for row in counted}


@contextmanager
def database(site: Site) -> Iterator[sa.Connection]:
    """Lend the site's own database."""
    settings = read_env_file(site.folder / "anb.env")
    engine = sa.create_engine(dialect_url(settings["ANB_DATABASE_URL"]))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@pytest.mark.parametrize("options", [(), ("--all", "--older-than-recipe", "3")])
def test_which_edits_must_be_said_and_once(alone: Site, options: tuple[str, ...]) -> None:
    assert "--all" in reedit(alone, *options)
