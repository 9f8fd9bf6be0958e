"""A player chooses where the edit starts, at either upload endpoint; the edit's first picture is the one shown then."""

import io
from base64 import b64encode
from itertools import islice

import av
import numpy as np

from support.corpus.draw import draw
from support.corpus.perception import Frame, Sight
from support.corpus.source import H264, ClipSource
from support.site import Site

TUS = {"Tus-Resumable": "1.0.0"}
CLIP = ClipSource(frames=150, coded=H264)  # 5 s at 30 a second
START, FIRST = "2.51", 75
BUMPER = 75  # frames


def first_number(edit: bytes) -> int | None:
    """Read the counter of the first picture of the clip in an edit."""
    with av.open(io.BytesIO(edit), "r") as container:
        frame = next(islice(container.decode(video=0), BUMPER, None))
        luma = frame.to_ndarray(format="gray").astype(np.uint8)
    return Sight.of(CLIP.layout, CLIP.shape).number(Frame(luma, luma, luma))


def test_a_form_starts_the_edit_where_its_player_says(site: Site) -> None:
    player, clip = site.player(), draw(CLIP)
    with clip.open("rb") as file:
        data = {"title": "Desde el triple", "start_seconds": START}
        made = player.client.post("/api/videos/upload", files={"video_file": ("c.mp4", file, "video/mp4")}, data=data)
    assert made.status_code == 201, made.text
    player.wait(made.json()["task_id"], "done")
    assert player.client.get(f"/api/videos/{made.json()['video_id']}").json()["start_seconds"] == float(START)
    assert first_number(site.edit(made.json()["video_id"])) == FIRST


def test_a_resumable_upload_starts_the_edit_where_its_player_says(site: Site) -> None:
    player, clip = site.player(), draw(CLIP).read_bytes()
    title, start = (b64encode(each.encode()).decode() for each in ("Desde el triple", START))
    described = {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {title},start_seconds {start}"}
    made = player.client.post("/api/uploads", headers=TUS | described)
    chunk = TUS | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    done = player.client.patch(made.headers["location"], content=clip, headers=chunk)
    assert done.status_code == 204, done.text
    player.wait(done.headers["anb-task-id"], "done")
    assert first_number(site.edit(done.headers["anb-video-id"])) == FIRST


def test_a_start_beyond_what_is_left_is_refused_with_the_last_that_is_allowed(site: Site) -> None:
    player = site.player()
    with draw(CLIP).open("rb") as file:
        data = {"title": "Muy tarde", "start_seconds": "4"}
        said = player.client.post("/api/videos/upload", files={"video_file": ("c.mp4", file, "video/mp4")}, data=data)
    assert (said.status_code, said.json()["code"]) == (400, "start-too-late")
    assert "de 0 a 3 s" in said.json()["detail"]
