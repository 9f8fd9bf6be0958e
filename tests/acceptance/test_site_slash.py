"""A trailing slash in a resumable upload's address changes nothing, through nginx, for every method of tus."""

from base64 import b64encode

import pytest

from support.site import Site, short_clip

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.mark.parametrize("end", ["/", "//"])
def test_an_upload_is_made_asked_for_and_sent_with_a_slash(site: Site, end: str) -> None:
    player, clip = site.player(), short_clip().read_bytes()
    told = player.client.options(f"/api/uploads{end}")
    assert (told.status_code, told.headers["tus-version"]) == (204, "1.0.0")
    title = b64encode(b"Con barra").decode()
    headers = TUS | {"Upload-Length": str(len(clip)), "Upload-Metadata": f"title {title}"}
    made = player.client.post(f"/api/uploads{end}", headers=headers)
    assert made.status_code == 201, made.text
    place = made.headers["location"]
    assert not place.endswith("/")
    half = len(clip) // 2
    sent = player.client.patch(f"{place}{end}", content=clip[:half], headers=CHUNK | {"Upload-Offset": "0"})
    assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(half))
    assert player.client.head(f"{place}{end}", headers=TUS).headers["upload-offset"] == str(half)
    ended = player.client.patch(f"{place}{end}", content=clip[half:], headers=CHUNK | {"Upload-Offset": str(half)})
    assert (ended.status_code, "anb-task-id" in ended.headers) == (204, True)


def test_an_upload_is_ended_with_a_slash(site: Site) -> None:
    player = site.player()
    headers = TUS | {"Upload-Length": "10", "Upload-Metadata": f"title {b64encode(b'x').decode()}"}
    place = player.client.post("/api/uploads/", headers=headers).headers["location"]
    assert player.client.delete(f"{place}/", headers=TUS).status_code == 204
    assert player.client.head(f"{place}/", headers=TUS).status_code == 404
