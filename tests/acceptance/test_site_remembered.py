"""Clients of tus that remember an upload's address after its success, and use it after its video was deleted."""

import os
import subprocess
from pathlib import Path

import pytest
from verify.network.clients import node
from verify.network.clients.transfer import TITLE, Report, read_report

from support.clips import Clip, draw
from support.site import Person, Site

# npm installs the clients once per checkout (half a minute).
pytestmark = pytest.mark.slow


def send(site: Site, player: Person, script: str, clip: Path, memory: Path) -> Report:
    """Let a client send a clip, in a process of its own that finds what the previous process remembered."""
    token = player.client.headers["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        [node.NODE, node.FOLDER / script, site.url, token, clip, TITLE, "remembers"],
        env=os.environ | {"ANB_TUS_MEMORY": str(memory)}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return read_report(done.stdout, done.stderr)


def asked(report: Report) -> list[tuple[str, int]]:
    return [(answer.method, answer.status) for answer in report.answers]


@pytest.mark.parametrize("script", ["tus.mjs", "uppy.mjs"])
def test_a_finished_upload_whose_video_was_deleted_begins_anew(site: Site, script: str, tmp_path: Path) -> None:
    node.install()
    player, memory = site.player(), tmp_path / "memory.json"
    clip = draw(Clip(seconds=8))  # its edit takes longer than our deletion: a published video stays
    first = send(site, player, script, clip, memory)
    assert first.outcome == "whole", first
    (before,) = player.client.get("/api/videos").json()
    assert player.client.delete(f"/api/videos/{before['video_id']}").status_code == 200
    again = send(site, player, script, clip, memory)
    assert again.outcome == "whole", again
    assert asked(again)[:2] == [("HEAD", 410), ("POST", 201)]
    (video,) = player.client.get("/api/videos").json()
    assert video["video_id"] != before["video_id"]
    told = player.client.get(f"/api/videos/{video['video_id']}").json()
    assert player.client.get(told["original_url"]).content == clip.read_bytes()
