"""Pages in each language: complete, and free of other languages; Portuguese is checked closely."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from anb.media.rules import UnsupportedCodec
from anb.sentences import Sentence, catalogues
from anb.videos import processing
from support.browser_client import browser_client, form, published
from support.languages import INVENTED, MARK, invent
from support.worlds import Player, World

PORTUGUESE = {"Accept-Language": "pt-BR,pt;q=0.9,en;q=0.8,es;q=0.5"}
PAGES = (
    "/",
    "/?q=nadie",
    "/ranking",
    "/rules",
    "/offline",
    "/signup",
    "/login",
    "/me",
    "/upload",
    "/api/docs",
    "/nowhere",
)
# A sentence that only one language has: no other sentence has its text, in any language; names and numbers are common.
LONG = 25


def foreign(language: str) -> set[str]:
    """Return what the other languages say and this one does not."""
    said = {name: {form for forms in each.sentences.values() for form in forms} for name, each in catalogues().items()}
    others = {form for name, forms in said.items() if name != language for form in forms}
    return {text for text in others - said[language] if len(text) > LONG and "{" not in text}


@pytest.fixture
def player(world: World) -> Player:
    return world.player("Lucía Ríos", "Bogotá")


@pytest.fixture
def reader(world: World, player: Player) -> Iterator[TestClient]:
    with browser_client(world, player) as visitor:
        visitor.headers |= PORTUGUESE
        yield visitor


@pytest.mark.parametrize("language", catalogues())
def test_every_page_speaks_one_language(world: World, player: Player, language: str) -> None:
    clip = published(world, player, "Triple")
    waiting = player.upload("Gancho")
    strange = foreign(language)
    assert len(strange) > 100
    with browser_client(world, player) as visitor:
        for path in (*PAGES, f"/videos/{clip}", f"/videos/{waiting.video_id}"):
            page = html.unescape(visitor.get(path, headers={"Accept-Language": language}).text)
            assert f'<html lang="{language}">' in page
            assert [text for text in strange if text in page] == [], path


class TestPortuguese:
    def test_numbers_days_and_plurals_are_its_own(self, world: World, player: Player, reader: TestClient) -> None:
        clip = published(world, player, "Triple")
        page = reader.get(f"/videos/{clip}").text
        assert '<body data-locale="pt-BR"' in page
        assert re.search(r"Publicado em \d+ de \w+ de 2\d{3}", page)
        assert ">0</b> voto</p>" in page  # in Brazil, zero takes the singular
        assert re.search(r"Contado às \d\d:\d\d, horário da Colômbia", page)

    def test_the_script_of_an_upload_gets_its_words(self, reader: TestClient) -> None:
        page = reader.get("/upload").text
        found = re.search(r"data-words>(.*?)</script>", page, re.DOTALL)
        assert found
        words = json.loads(found[1])
        assert words["cancelled"] == "Você cancelou o envio. Não guardamos nada deste clipe."
        assert words["too_short"] == "Seu vídeo dura {seconds} s; envie um de 20 a 60 s."

    def test_a_form_says_what_is_wrong(self, reader: TestClient) -> None:
        page = reader.post("/signup", data=form(password1="12345678", city=" ")).text
        assert "Verifique o que está marcado." in page
        assert "É uma das senhas mais usadas: escolha outra." in page
        assert "Preencha para continuar." in page

    def test_a_clip_tells_why_it_failed(self, world: World, player: Player, reader: TestClient) -> None:
        clip = player.upload("Gancho")
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
            assert begun is not None
            why = UnsupportedCodec(codec=Sentence("codec.unknown"))
            processing.fail(uow, begun[0], why.sentence, "detail")
        page = reader.get(f"/videos/{clip.video_id}").text
        assert "Seu vídeo está em um formato que não conhecemos; aceitamos H.264" in page

    def test_the_api_refuses_in_it(self, world: World) -> None:
        answer = world.client.get("/api/videos", headers=PORTUGUESE)
        assert answer.json()["detail"] == "Entre na sua conta para continuar."
        wrong = world.client.post("/api/auth/login", json={"email": "x"}, headers=PORTUGUESE).json()
        assert wrong["detail"].startswith("Verifique os campos indicados: ")
        assert {"field": "password", "message": "Este campo é obrigatório."} in wrong["errors"]

    def test_the_api_says_that_it_does(self, world: World) -> None:
        assert "English or Portuguese" in world.client.get("/api/openapi.json").json()["info"]["description"]


def test_a_language_that_is_added_as_a_file_has_its_pages(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invent(tmp_path, monkeypatch)
    with browser_client(world) as visitor:
        page = visitor.get("/rules", headers={"Accept-Language": f"{INVENTED}-PE,es;q=0.5"}).text
    assert f'<html lang="{INVENTED}">' in page
    assert f"<h1>{MARK} The rules, plainly</h1>" in page
