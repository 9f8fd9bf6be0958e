"""Renditions through nginx, and `anb videos reedit` on a running site: every process is the real one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anb.media.recipe import RECIPE_VERSION
from support.edits import check_edit
from support.site import PATIENCE, Site, running_alone

pytestmark = pytest.mark.slow

FORMS = {"processed": "video/mp4", "light": "video/mp4", "poster": "image/jpeg", "sprite": "image/jpeg"}
FORMS["thumbnails"] = "text/vtt"
QUEUED = f"Queued for a new edit by recipe {RECIPE_VERSION}: {{}}, one every {{}} s.\n"
REEDIT = [sys.executable, "-m", "anb", "videos", "reedit"]


@pytest.fixture(scope="module")
def alone() -> Iterator[Site]:
    """A site of this module's own: nobody else's edits must be made anew with ours."""
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
    deadline = time.monotonic() + PATIENCE
    while (again := client.get(video["processed_url"])).headers["etag"] == first.headers["etag"]:
        assert again.content == first.content
        assert time.monotonic() < deadline
        time.sleep(0.2)
    check_edit(again.content, clip_seconds=3.0)
    seen = client.get("/api/public/videos", params={"limit": 100}).json()
    assert [one["published_at"] for one in seen if one["video_id"] == video["video_id"]] == [video["published_at"]]
    assert len(old) == len(files(alone)) == len(FORMS)
    assert not old & files(alone)


@pytest.mark.parametrize("options", [(), ("--all", "--older-than-recipe", "3")])
def test_which_edits_must_be_said_and_once(alone: Site, options: tuple[str, ...]) -> None:
    assert "--all" in reedit(alone, *options)
