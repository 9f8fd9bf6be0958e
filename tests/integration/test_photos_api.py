"""A person's photo: added, replaced, removed, by API and page; who sees it; what becomes of its files."""

from pathlib import Path

import pytest
from sqlalchemy import text

from anb.adapters.media.photo_maker import LibavPhotos
from anb.photos.domain import PhotoSide
from anb.ports import CutShort, PhotoMoves, PhotoSize, TooHeavy, Undecodable, Unreadable
from anb.settings import MIB
from support.browser_client import browser_client
from support.photo_owner import JPEG, OWN, add, kept, send
from support.worlds import World

PAGE = "/account/profile/photo"


class TestAdding:
    @pytest.mark.parametrize("door", ["body", "form", "page"])
    def test_two_pictures_are_kept_and_the_file_is_not(self, world: World, door: str) -> None:
        player = world.player()
        if door == "page":
            with browser_client(world, player) as visitor:
                sent = visitor.post(PAGE, files={"photo": ("yo.jpg", JPEG, "image/jpeg")})
                assert (sent.status_code, sent.headers["location"]) == (303, "/account/profile?saved=photo#photo")
        elif door == "form":
            sent = world.client.put(OWN, files={"photo": ("yo.jpg", JPEG, "image/jpeg")}, headers=player.headers)
            assert sent.status_code == 200, sent.text
        else:
            assert send(player)[0] == 200
        keys = kept(world)
        assert len(keys) == 2
        assert all(key.startswith("photos/") for key in keys)
        for side in PhotoSide:
            answered = world.client.get(f"{OWN}?side={side}", headers=player.headers)
            assert answered.headers["x-accel-redirect"].removeprefix("/_media/") in keys
            assert answered.headers["content-type"] == "image/jpeg"
            assert answered.headers["x-file-cache-control"] == "private, no-store"

    def test_another_photo_takes_the_place_and_the_files_of_the_first_go(self, world: World) -> None:
        player = world.player()
        first, second = add(player), add(player)
        assert len(first) == len(second) == 2
        assert kept(world) == second
        assert send(player)[1]["waits_for"] is None

    def test_it_is_removed_with_its_files_once(self, world: World) -> None:
        player = world.player()
        add(player)
        assert world.client.delete(OWN, headers=player.headers).status_code == 204
        assert kept(world) == []
        assert world.client.delete(OWN, headers=player.headers).json()["code"] == "photo-not-found"
        assert world.client.get(OWN, headers=player.headers).status_code == 404
        with browser_client(world, player) as visitor:
            assert visitor.post(f"{PAGE}/remove").headers["location"] == "/account/profile?saved=no-photo#photo"

    def test_a_failed_commit_leaves_neither_files_nor_the_photo(self, world: World) -> None:
        player = world.player()
        first = add(player)
        with world.uow() as uow:
            uow.execute(text("alter table photos add constraint no_more check (bytes < 600) not valid"))
        try:
            assert send(player, JPEG + bytes(600))[0] == 500
        finally:
            with world.uow() as uow:
                uow.execute(text("alter table photos drop constraint no_more"))
        assert kept(world) == first


class TestRefusals:
    @pytest.mark.parametrize(
        ("failure", "status", "code", "named"),
        [
            (PhotoMoves("x"), 415, "animated-photo", "se mueve"),
            (PhotoSize(90, 300), 422, "photo-too-small", "90 por 300 píxeles; su lado menor debe tener al menos 128"),
            (PhotoSize(9000, 9000), 422, "photo-too-large", "9000 por 9000 píxeles; puede tener hasta 50 millones"),
            (CutShort("x"), 422, "photo-cut-off", "le falta el final"),
            (Undecodable("x"), 422, "photo-damaged", "dañada"),
            (Unreadable("x"), 422, "photo-damaged", "dañada"),
            (TooHeavy("x"), 422, "photo-too-heavy", "10 segundos"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_it_names_the_rule_and_the_value_and_keeps_the_photo_before(
        self, world: World, failure: Unreadable, status: int, code: str, named: str
    ) -> None:
        player = world.player()
        before = add(player)
        world.photos.failure = failure
        found, told = send(player)
        assert (found, told["code"]) == (status, code)
        assert named in str(told["detail"])
        with browser_client(world, player) as visitor:
            page = visitor.post(PAGE, files={"photo": ("yo.jpg", JPEG, "image/jpeg")})
        assert page.status_code == 400
        assert named in page.text
        assert kept(world) == before

    @pytest.mark.parametrize("door", ["body", "form", "announced"])
    def test_one_of_too_many_bytes(self, world: World, door: str) -> None:
        world.change(photo_max_bytes=MIB)
        player, large = world.player(), JPEG + bytes(MIB)
        large += bytes(2 * MIB) if door == "announced" else b""
        form = {"files": {"photo": ("yo.jpg", large, "image/jpeg")}} if door == "form" else {"content": large}
        answered = world.client.put(OWN, headers=player.headers, **form)
        assert (answered.status_code, answered.json()["code"]) == (413, "photo-too-many-bytes")
        assert "hasta 1 MB" in answered.json()["detail"]
        assert kept(world) == []

    def test_no_photo_at_all(self, world: World) -> None:
        player = world.player()
        assert send(player, b"")[1]["code"] == "photo-missing"
        assert send(player, b"x", **{"content-type": "multipart/form-data"})[1]["code"] == "photo-missing"
        other = world.client.put(OWN, files={"else": ("yo.jpg", JPEG, "image/jpeg")}, headers=player.headers)
        assert other.json()["code"] == "photo-missing"
        assert send(player, b"GIF89a")[1]["code"] == "not-a-photo"
        assert kept(world) == []

    @pytest.mark.parametrize("door", ["body", "form", "page"])
    @pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
    def test_a_phones_heic_is_named_whatever_it_is_called(
        self, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, door: str, brand: bytes
    ) -> None:
        monkeypatch.setattr(world.photos, "make", LibavPhotos(tmp_path / "slots", 1, 20).make)
        player, photo = world.player(), b"\0\0\0\x18ftyp" + brand + bytes(4) + b"mif1heic" + bytes(2000)
        if door == "page":
            with browser_client(world, player) as visitor:
                page = visitor.post(PAGE, files={"photo": ("yo.heic", photo, "image/heic")})
            assert (page.status_code, "HEIC" in page.text) == (400, True)
        else:
            named = {"files": {"photo": ("yo.jpg", photo, "image/jpeg")}} if door == "form" else {"content": photo}
            kind = {} if door == "form" else {"Content-Type": "image/heic"}
            answered = world.client.put(OWN, headers=player.headers | kind, **named)
            told = answered.json()
            assert (answered.status_code, told["code"], "HEIC" in told["detail"]) == (415, "not-a-photo", True)
        assert kept(world) == []

    def test_no_more_than_the_rate_allows(self, world: World) -> None:
        world.change(rate_photo="2/hour", rate_exempt_networks="")
        player = world.player()
        assert [send(player)[0] for _ in range(3)] == [200, 200, 429]
