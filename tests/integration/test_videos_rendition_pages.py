"""How pages use renditions: the poster if there is one, otherwise the drawing."""

import re

from anb.media.renditions import MADE, POSTERS, Rendition
from support.browser_client import browser_client
from support.publishing import publish
from support.worlds import World


class TestPosters:
    def test_a_clip_with_a_poster_is_shown_by_it(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        with browser_client(world, player) as visitor:
            home, mine = visitor.get("/").text, visitor.get("/me").text
            clip = visitor.get(f"/videos/{upload.video_id}").text
        files = f"/api/videos/{upload.video_id}/"
        sizes = ", ".join(f"{files}poster-{width} {width}w" for width in (320, 640, 960))
        image = f'<img class="poster" src="{files}poster-640-jpeg" alt="" width="640" height="360"'
        assert f'{image} fetchpriority="high" decoding="async">' in home  # the first one, which a phone shows at once
        assert f'{image} loading="lazy" decoding="async">' in mine
        assert all(f'<source type="image/avif" srcset="{sizes}" sizes="' in page for page in (home, mine))
        assert f'poster="/api/videos/{upload.video_id}/poster"' in clip
        assert f'<track kind="metadata" src="/api/videos/{upload.video_id}/thumbnails">' in clip

    def test_only_the_first_row_loads_at_once(self, world: World) -> None:
        player = world.player()
        for _ in range(5):
            publish(world, player.upload())
        with browser_client(world) as visitor:
            images = re.findall(r'<img class="poster"[^>]*>', visitor.get("/").text)
        assert ['loading="lazy"' in image for image in images] == [False, False, False, True, True]
        assert ["fetchpriority" in image for image in images] == [True, False, False, False, False]

    def test_one_edited_before_there_were_smaller_posters_keeps_its_poster(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload, [one for one in MADE if one not in POSTERS], recipe=5)
        with browser_client(world, player) as visitor:
            pages = [visitor.get(path).text for path in ("/", "/me", "/ranking", f"/players/{player.id}")]
        image = f'<img class="poster" src="/api/videos/{upload.video_id}/poster" alt="" width="1280" height="720"'
        assert all(image in page for page in pages)
        assert not any("image/avif" in page for page in pages)

    def test_one_edited_before_there_were_any_is_drawn_and_plays(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload, [Rendition.PROCESSED], recipe=1)
        with browser_client(world) as visitor:
            home, clip = visitor.get("/").text, visitor.get(f"/videos/{upload.video_id}").text
        assert '<svg class="poster' in home
        assert "/poster" not in home + clip
        assert clip.count("<source") == 1
        assert f'<source src="/api/videos/{upload.video_id}/processed"' in clip
        assert "data-lighter" not in clip
        assert "<track" not in clip
