"""How pages use renditions: the poster if there is one, otherwise the drawing."""

from anb.media.renditions import Rendition
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
        image = f'<img class="poster" src="/api/videos/{upload.video_id}/poster" alt="" width="1280" height="720"'
        assert f'{image} fetchpriority="high" decoding="async">' in home  # the first one, which a phone shows at once
        assert image in mine
        assert f'poster="/api/videos/{upload.video_id}/poster"' in clip
        assert f'<track kind="metadata" src="/api/videos/{upload.video_id}/thumbnails">' in clip

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
