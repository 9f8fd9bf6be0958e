"""A site that counts requests, called through nginx, and what its logs keep about the people who called it."""

import json
import re
from typing import Any

import httpx2 as httpx
import pytest

from support.browser_client import form
from support.collection import Collection
from support.site import PATIENCE, Site, running_alone, short_clip
from support.waiting import looks

PASSWORD, WRONG = "jirafa-de-papel-9", "elefante-de-cristal-4"


def calling(site: Site, address: str, **headers: str) -> httpx.Client:
    """Call from one of this machine's own addresses."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=site.url, transport=transport, timeout=60, headers=headers)


def person(name: str) -> dict[str, str]:
    words = {"password1": PASSWORD, "password2": PASSWORD}
    return form(first_name=name, last_name="Quiroga", email=f"{name}@quiroga.example".lower()) | words


@pytest.mark.slow
def test_the_true_address_is_counted_and_no_log_tells_of_anybody() -> None:
    limits = {"ANB_RATE_EXEMPT_NETWORKS": "127.0.9.0/24", "ANB_RATE_SIGN_UP": "2/day"}
    with running_alone(**limits, ANB_LOG_FORMAT="json") as site:
        with (
            calling(site, "127.0.1.1", **{"X-Forwarded-For": "127.0.9.1"}) as liar,
            calling(site, "127.0.2.1") as other,
        ):
            assert [liar.post("/api/auth/signup", json=form()).status_code for _ in range(3)] == [201, 201, 429]
            assert other.post("/api/auth/signup", json=form()).status_code == 201
        secrets = journey(site)
        said = {path.name: path.read_text(encoding="utf-8") for path in (site.folder / "logs").iterdir()}
    events = events_of(said["web.log"])
    assert {"accounts.sign_up.succeeded", "accounts.sign_in.failed", "accounts.sign_in.succeeded", "web.limit.reached",
            "sessions.session.ended"} <= events  # fmt: skip
    for secret in secrets:
        assert [name for name, text in said.items() if secret in text] == [], secret


def journey(site: Site) -> list[str]:
    """Do what a player does, correctly and incorrectly; return the values that no log may contain."""
    with calling(site, "127.0.9.1") as player:
        assert player.post("/api/auth/signup", json=person("Zoraida")).status_code == 201
        email = person("Zoraida")["email"]
        assert player.post("/api/auth/login", json={"email": email, "password": WRONG}).status_code == 401
        token = player.post("/api/auth/login", json={"email": email, "password": PASSWORD}).json()["access_token"]
        signed_in = {"Authorization": f"Bearer {token}"}
        files = {"video_file": ("zoraida.mp4", short_clip().read_bytes(), "video/mp4")}
        made = player.post("/api/videos/upload", files=files, data={"title": "Triple"}, headers=signed_in).json()
        video = player.get(f"/api/videos/{made['video_id']}", headers=signed_in).json()
        assert player.get(video["original_url"]).status_code == 200
        signature = re.findall(r"signature=([0-9a-f]+)", video["original_url"])[0]
        broken = video["original_url"].replace("/original", "/original/more")
        assert player.get(broken).status_code == 404
        assert player.get(f"/api/videos?cursor={token}", headers=signed_in).status_code == 400
        assert player.get(f"/nowhere?next={email}&token={token}").status_code == 404
        ours = {"Sec-Fetch-Site": "same-origin"}
        page = player.post("/login", data={"email": email, "password": PASSWORD}, headers=ours)
        assert page.status_code == 303
        assert player.post("/logout", headers=ours).status_code == 303
        cookie = page.headers["set-cookie"].partition("=")[2].partition(";")[0]
    return [email, "Zoraida", "zoraida", "Quiroga", PASSWORD, WRONG, token.rpartition(".")[2], signature,
            cookie.rpartition(".")[2]]  # fmt: skip


@pytest.mark.slow
def test_test_collections_of_others_run_one_after_another() -> None:
    with running_alone(ANB_RATE_EXEMPT_NETWORKS="127.0.9.0/24") as site, calling(site, "127.0.1.1") as client:

        def published(sent: dict[str, Any]) -> None:
            for seen in looks(lambda: client.get(f"/api/videos/{sent['video_id']}/processed"), PATIENCE, pause=0.3):
                if seen.is_success:
                    return
                assert seen.status_code == 404, seen.text

        collection = Collection(client, short_clip().read_bytes(), published)
        for number in range(20):
            collection.run(number)
    assert [answer.text for answer in collection.answers if answer.status_code == 429] == []
    assert any("ratelimit" in answer.headers for answer in collection.answers), "it was counted"


def events_of(log: str) -> set[str]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return {line["event"] for line in lines if line.get("stream") == "security"}
