"""Clips on pages: which visitor sees which clip, and how a clip is uploaded."""

import re

import pytest

from anb.media.unreadable import CutOff
from anb.videos import processing
from support.browser_client import browser_client, published
from support.worlds import World


class TestClips:
    def test_clips_are_listed_and_filtered_however_the_city_is_spelled(self, world: World) -> None:
        published(world, world.player("Lucía Ríos", "Bogotá"), "Triple")
        published(world, world.player("José Muñoz", "Cali"), "Bandeja")
        with browser_client(world) as visitor:
            assert {"Triple", "Bandeja"} <= set(re.findall(r'videos/[^"]+"><bdi>([^<]+)<', visitor.get("/").text))
            page = visitor.get("/", params={"city": "BOGOTA"}).text
        assert "Clips de \u2068Bogotá\u2069" in page
        assert "Bandeja" not in page

    def test_a_long_list_goes_on_and_leads_back(self, world: World) -> None:
        player = world.player()
        clips = [published(world, player, f"Clip {n}") for n in range(26)]
        with browser_client(world) as visitor:
            first = visitor.get("/").text
            onward = re.search(r'rel="next" href="([^"]+)"', first)
            assert onward
            second = visitor.get(onward[1].replace("&amp;", "&")).text
        found = [set(re.findall(r'href="/videos/([0-9a-f-]+)"', page)) for page in (first, second)]
        assert [len(page) for page in found] == [24, 2]
        assert found[0] | found[1] == {str(clip) for clip in clips}
        assert 'rel="next"' not in second
        assert "Volver al principio" in second

    def test_a_title_is_text_whatever_it_holds(self, world: World) -> None:
        clip = published(world, world.player(), "<script>alert('¡canasta!')</script>")
        with browser_client(world) as visitor:
            for path in ("/", f"/videos/{clip}"):
                page = visitor.get(path).text
                assert "<script>alert" not in page
                assert "&lt;script&gt;alert" in page

    def test_a_clip_in_the_making_is_its_owners_alone(self, world: World) -> None:
        owner = world.player()
        clip = owner.upload().video_id
        for player, status in ((owner, 200), (world.player("Ana Paz"), 404), (None, 404)):
            with browser_client(world, player) as visitor:
                page = visitor.get(f"/videos/{clip}")
            assert page.status_code == status
        with browser_client(world, owner) as visitor:
            page = visitor.get(f"/videos/{clip}")
        assert 'data-live="/api/jobs/' in page.text
        assert '<noscript><meta http-equiv="refresh"' in page.text

    def test_a_clip_that_failed_says_why_and_what_to_do(self, world: World) -> None:
        owner = world.player()
        upload = owner.upload()
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            processing.fail(uow, begun[0], CutOff().sentence, "detail")
        with browser_client(world, owner) as visitor:
            page = visitor.get(f"/videos/{upload.video_id}").text
            mine = visitor.get("/me").text
        assert "Tu archivo está cortado" in page
        assert "¿Qué hacer?" in page
        assert "detail" not in page.replace("<details>", "")
        assert "No se publicó" in mine
        assert 'data-live=""' in page

    def test_a_clip_the_organizers_look_at_first_says_so(self, world: World) -> None:
        world.season(moderated=True)
        owner = world.player()
        clip = published(world, owner)
        with browser_client(world, owner) as visitor:
            assert "La organización lo revisa" in visitor.get(f"/videos/{clip}").text
            assert "En revisión" in visitor.get("/me").text

    def test_a_clip_can_be_deleted_until_it_is_public(self, world: World) -> None:
        owner = world.player()
        waiting, public = owner.upload().video_id, published(world, owner)
        with browser_client(world, owner) as visitor:
            gone = visitor.post(f"/videos/{waiting}/delete")
            assert gone.headers["location"] == "/me?deleted=1"
            assert "eliminado" in visitor.get("/me?deleted=1").text
            assert visitor.get(f"/videos/{waiting}").status_code == 404
            kept = visitor.post(f"/videos/{public}/delete")
        assert kept.status_code == 400
        assert "no se puede eliminar" in kept.text


class TestUpload:
    def test_a_form_without_a_script_uploads_and_leads_to_the_clip(self, world: World) -> None:
        owner = world.player()
        with browser_client(world, owner) as player:
            files = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom a clip", "video/mp4")}
            sent = player.post("/upload", data={"title": "Doble paso"}, files=files)
            assert sent.status_code == 303
            assert "Doble paso" in player.get(sent.headers["location"]).text

    def test_a_refused_upload_says_which_field_and_keeps_nothing(self, world: World) -> None:
        with browser_client(world, world.player()) as player:
            files = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom a clip", "video/mp4")}
            refused = player.post("/upload", data={"title": "  "}, files=files)
        assert refused.status_code == 400
        assert re.search(r'id="error-title">[^<]+<', refused.text)
        assert world.files() == []

    @pytest.mark.parametrize("broken", ["file", "title", "both"])
    def test_a_refused_form_keeps_the_title_that_was_typed(self, world: World, broken: str) -> None:
        title = "x" * 121 if broken != "file" else "Tapón «al límite»"
        name = "otra_cosa" if broken != "title" else "video_file"
        with browser_client(world, world.player()) as player:
            files = {name: ("clip.mp4", b"\0\0\0\x18ftypisom a clip", "video/mp4")}
            refused = player.post("/upload", data={"title": title}, files=files)
        assert refused.status_code == 400
        assert f'value="{title}"' in refused.text
        assert refused.text.count('aria-invalid="true"') == (2 if broken == "both" else 1)

    def test_the_scripts_words_are_the_servers(self, world: World) -> None:
        with browser_client(world, world.player()) as player:
            page = player.get("/upload")
        assert "Tu video dura {seconds} s; sube uno de 20 a 60 s." in page.text
        assert "media-src 'self' blob:" in page.headers["Content-Security-Policy"]

    def test_one_signs_in_before(self, world: World) -> None:
        with browser_client(world) as visitor:
            assert visitor.get("/upload").headers["location"] == "/login?next=%2Fupload"
