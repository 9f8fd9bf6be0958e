"""A clip in frames of other pages, and its description for programs (oEmbed 1.0)."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from anb.media.renditions import MADE, POSTERS
from anb.pages.embedding import BAR, frame_size
from support.browser_client import browser_client, published
from support.callers import calling
from support.moderating import moderate
from support.publishing import publish
from support.worlds import World

SITE = "https://testserver"


def describe(visitor: TestClient, url: str, **more: Any) -> Any:
    return visitor.get("/oembed", params={"url": url, **more}, headers={"Accept": "application/json"})


class TestFrame:
    def test_any_page_may_frame_the_player_and_no_other_page_of_ours(self, world: World) -> None:
        clip = published(world, world.player("Lucía Ríos", "Quibdó"), 'Un "triple" & más')
        with browser_client(world) as visitor:
            shown = visitor.get(f"/embed/videos/{clip}")
            others = [visitor.get(path) for path in ("/", f"/videos/{clip}", "/ranking", "/login", "/embed/nothing")]
        assert shown.headers["Content-Security-Policy"].count("frame-ancestors") == 1
        assert "frame-ancestors *;" in shown.headers["Content-Security-Policy"]
        assert all("frame-ancestors 'none'" in other.headers["Content-Security-Policy"] for other in others)
        assert "Un &#34;triple&#34; &amp; más" in shown.text
        assert f'<a href="/videos/{clip}" target="_blank" rel="noopener">Vota' in shown.text
        assert f'<source src="/api/videos/{clip}/processed"' in shown.text
        assert "<script" not in shown.text
        assert "<form" not in shown.text

    def test_it_is_the_same_for_someone_who_is_signed_in_and_sets_no_cookie(self, world: World) -> None:
        player = world.player()
        clip = published(world, player)
        with browser_client(world) as visitor, browser_client(world, player) as owner:
            pages = [one.get(f"/embed/videos/{clip}") for one in (visitor, owner)]
        assert pages[0].text == pages[1].text
        assert not any("set-cookie" in page.headers for page in pages)

    def test_a_clip_that_is_not_public_says_so_in_the_frame_and_shows_nothing_of_it(self, world: World) -> None:
        player = world.player("Lucía Ríos")
        clip = published(world, player, "Se va")
        assert moderate(world, world.organizer(), clip, "hide") == 200
        with browser_client(world, player) as owner:
            shown = owner.get(f"/embed/videos/{clip}")
        assert shown.status_code == 404
        assert "frame-ancestors *;" in shown.headers["Content-Security-Policy"]
        assert "ya no está disponible" in shown.text
        assert not any(word in shown.text for word in ("Se va", "Lucía", str(clip)))


class TestDescription:
    def test_a_clips_page_leads_to_its_description_which_says_what_a_program_needs(self, world: World) -> None:
        player = world.player("Lucía Ríos", "Quibdó")
        clip = published(world, player, 'Un "triple" & más')
        address = f"{SITE}/videos/{clip}"
        with browser_client(world) as visitor:
            page = visitor.get(f"/videos/{clip}").text
            found = f"{SITE}/oembed?url={quote(address)}&amp;format=json"
            assert f'<link rel="alternate" type="application/json+oembed" href="{found}"' in page
            answer = visitor.get(found.replace("&amp;", "&"), headers={"Accept": "application/json"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "public, max-age=60"
        said = answer.json()
        html = said.pop("html")
        assert said == {
            "version": "1.0",
            "type": "video",
            "title": 'Un "triple" & más',
            "author_name": "Lucía Ríos",
            "author_url": f"{SITE}/players/{player.id}",
            "provider_name": "ANB Rising Stars",
            "provider_url": f"{SITE}/",
            "cache_age": 3600,
            "width": 640,
            "height": 360 + BAR,
            "thumbnail_url": f"{SITE}/api/videos/{clip}/poster",
            "thumbnail_width": 1280,
            "thumbnail_height": 720,
        }
        assert html.startswith(f'<iframe src="{SITE}/embed/videos/{clip}" width="640" height="{360 + BAR}" ')
        assert 'title="Un &#34;triple&#34; &amp; más"' in html

    def test_a_title_cannot_leave_its_attribute(self, world: World) -> None:
        clip = published(world, world.player(), '"><script>alert(1)</script>')
        with browser_client(world) as visitor:
            html = describe(visitor, f"{SITE}/videos/{clip}").json()["html"]
        assert "<script" not in html
        assert html.count('"') == html.count('="') * 2

    @pytest.mark.parametrize(
        ("limits", "width", "height", "thumbnail"),
        [
            ({"maxwidth": 320}, 320, 180 + BAR, None),
            ({"maxheight": 200}, 241, 135 + BAR, None),
            ({"maxwidth": 800, "maxheight": 500}, 640, 360 + BAR, "poster-640-jpeg"),
            ({"maxwidth": 1, "maxheight": 1}, 1, 1, None),
        ],
        ids=["narrow", "low", "between both posters", "hardly anything"],
    )
    def test_player_and_thumbnail_are_within_what_is_asked(
        self, world: World, limits: dict[str, int], width: int, height: int, thumbnail: str | None
    ) -> None:
        clip = published(world, world.player())
        with browser_client(world) as visitor:
            said = describe(visitor, f"{SITE}/videos/{clip}", **limits).json()
        assert (said["width"], said["height"]) == (width, height)
        assert said.get("thumbnail_url", "").rpartition("/")[2] == (thumbnail or "")
        assert ("thumbnail_width" in said) == ("thumbnail_height" in said) == bool(thumbnail)

    def test_an_older_clip_has_its_one_poster(self, world: World) -> None:
        upload = world.player().upload()
        publish(world, upload, [one for one in MADE if one not in POSTERS], recipe=5)
        with browser_client(world) as visitor:
            whole = describe(visitor, f"{SITE}/videos/{upload.video_id}").json()
            small = describe(visitor, f"{SITE}/videos/{upload.video_id}", maxwidth=700).json()
        assert whole["thumbnail_url"].endswith("/poster")
        assert "thumbnail_url" not in small

    def test_every_form_of_a_clips_address_is_known(self, world: World) -> None:
        clip = published(world, world.player())
        paths = (f"/videos/{clip}", f"/videos/{clip}/", f"/embed/videos/{clip}", f"/videos/{clip}?order=votes#x",
                 f"/videos/{str(clip).upper()}")  # fmt: skip
        with browser_client(world) as visitor:
            statuses = [describe(visitor, SITE + path).status_code for path in paths]
            statuses.append(describe(visitor, f"https://testserver:443/videos/{clip}").status_code)
        assert statuses == [200] * 6

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "/videos/{clip}",
            "https://example.org/videos/{clip}",
            "https://testserver.example.org/videos/{clip}",
            "https://testserver@example.org/videos/{clip}",
            "https://user@testserver/videos/{clip}",
            "http://testserver:8080/videos/{clip}",
            "javascript://testserver/videos/{clip}",
            "file:///videos/{clip}",
            "https://testserver/videos/{clip}/vote",
            "https://testserver/videos/../videos/{clip}",
            "https://testserver/api/videos/{clip}/original",
            "https://testserver/videos/{nobody}",
            "https://testserver/videos/1",
            "https://testserver/",
            "https://[::1/videos/{clip}",
            "https://testserver:99999999/videos/{clip}",
            "🏀",
        ],
    )
    def test_any_other_address_is_unknown(self, world: World, url: str) -> None:
        clip = published(world, world.player())
        with browser_client(world) as visitor:
            answer = describe(visitor, url.format(clip=clip, nobody=UUID(int=7)))
        assert (answer.status_code, answer.json()["code"]) == (404, "video-not-found")

    def test_a_hidden_clip_is_unknown_to_its_owner_too(self, world: World) -> None:
        player = world.player()
        clip = published(world, player)
        assert moderate(world, world.organizer(), clip, "hide") == 200
        with browser_client(world, player) as owner:
            assert describe(owner, f"{SITE}/videos/{clip}").status_code == 404

    @pytest.mark.parametrize("form", ["xml", "yaml", ""])
    def test_only_json_is_offered(self, world: World, form: str) -> None:
        clip = published(world, world.player())
        with browser_client(world) as visitor:
            answer = describe(visitor, f"{SITE}/videos/{clip}", format=form)
        assert (answer.status_code, answer.json()["code"]) == (501, "format-not-offered")

    @pytest.mark.parametrize("more", [{"maxwidth": 0}, {"maxheight": -5}, {"maxwidth": "wide"}, {"maxheight": 10**9}])
    def test_a_size_that_is_none_is_refused_by_name(self, world: World, more: dict[str, Any]) -> None:
        with browser_client(world) as visitor:
            answer = describe(visitor, SITE, **more)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, next(iter(more)))


@pytest.mark.parametrize("path", ["/embed/videos/{}", "/oembed?url=https://testserver/videos/{}"])
def test_both_are_limited_as_lists_are(world: World, path: str) -> None:
    clip = published(world, world.player())
    with calling(world, rate_read="2/minute") as reader:
        answers = [reader.get(path.format(clip)) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "ratelimit" not in answers[0].headers  # caches may keep it


@pytest.mark.parametrize("width", [1, 64, 200, 639, 640, 100_000])
@pytest.mark.parametrize("height", [1, BAR, BAR + 1, 300, 100_000])
def test_a_frame_is_never_larger_than_asked(width: int, height: int) -> None:
    size = frame_size(width, height)
    assert 0 < size.width <= width
    assert 0 < size.height <= height
