"""The people who see a photo, its removal by an organizer, and what becomes of its files."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from anb.audit.domain import AuditActor
from anb.consents.domain import ConsentStanding
from anb.photos import service as photos
from anb.photos.domain import PhotoFault, PhotoNotFound
from anb.privacy import export, retention
from anb.privacy.retention import RetentionRun
from anb.storage import service as storage
from support.browser_client import browser_client, published
from support.commands import Anb, anb_on
from support.consenting import answer, ask_marta, newest_token
from support.leaving import erase
from support.photo_owner import OWN, add, kept, send
from support.worlds import Player, World

anb = pytest.fixture(anb_on)


def seen(world: World, viewer: Player | None = None, username: str = "lucia.rios") -> tuple[int, str]:
    """Ask for a player's photo; return the status, and who may keep it."""
    headers = viewer.headers if viewer else {}
    answered = world.client.get(f"/api/players/{username}/photo", headers=headers)
    return answered.status_code, answered.headers.get("x-file-cache-control", "")


PUBLIC, PRIVATE, NONE = (200, "public, max-age=300"), (200, "private, no-store"), (404, "")


class TestWhoSees:
    def test_everybody_while_the_player_has_a_public_clip(self, world: World) -> None:
        player, other, organizer = world.player(), world.player("Ana Paz"), world.organizer()
        assert seen(world) == NONE
        add(player)
        assert [seen(world, one) for one in (None, other, player, organizer)] == [NONE, NONE, PRIVATE, PRIVATE]
        video = published(world, player)
        assert seen(world) == seen(world, player) == PUBLIC
        assert world.client.post(f"/api/videos/{video}/withdraw", headers=player.headers).status_code == 200
        assert seen(world) == NONE

    def test_it_waits_for_a_guardian_as_a_clip_does(self, world: World) -> None:
        player = world.player()
        published(world, player)
        add(player)
        world.season(asks_consent=True)
        assert (seen(world), seen(world, player)) == (NONE, PRIVATE)
        ask_marta(player)
        assert send(player)[1]["waits_for"] == ConsentStanding.GUARDIAN_ASKED
        with browser_client(world, player) as visitor:
            page = visitor.get("/account/profile").text
        assert "Por ahora solo la ves tú." in page
        assert "Esperamos la respuesta de tu madre, padre o representante." in page
        assert seen(world) == NONE
        assert answer(world, newest_token(world)) == 200
        assert seen(world) == PUBLIC

    @pytest.mark.parametrize("said", ["refused", "nothing"])
    def test_without_the_guardians_consent_it_is_deleted(self, world: World, said: str) -> None:
        world.season(asks_consent=True)
        player = world.player()
        ask_marta(player)
        add(player)
        work = RetentionRun(world.database, world.ports, world.settings)
        assert retention.run(work)["photos"] == 0
        if said == "refused":
            answer(world, newest_token(world), "refused")
        else:
            with world.uow() as uow:
                uow.execute(text("update photos set added_at = now() - interval '90 days'"))
        dry = RetentionRun(world.database, world.ports, world.settings, dry=True)
        assert (retention.run(dry)["photos"], len(kept(world))) == (1, 2)
        assert (retention.run(work)["photos"], kept(world)) == (1, [])

    def test_only_the_photos_of_those_who_wait_in_vain_are_deleted(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(photos, "BATCH", 1)
        refused, agreed = world.player(), world.player("Ana Paz")
        for player in (refused, agreed):
            add(player)
        world.season(asks_consent=True)
        for player, said in ((refused, "refused"), (agreed, "given")):
            ask_marta(player)
            assert answer(world, newest_token(world), said) == 200
        assert photos.purge(world.database, world.ports, world.settings) == 1
        assert len(kept(world)) == 2

    def test_a_consent_that_comes_before_the_deletion_keeps_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        player = world.player()
        add(player)
        answers = iter([True, False])  # when the list was read, and once the account is locked
        monkeypatch.setattr(photos, "_is_over", lambda *_: next(answers))
        assert photos.purge(world.database, world.ports, world.settings) == 0
        assert len(kept(world)) == 2

    def test_beside_the_name_on_the_clips_page(self, world: World) -> None:
        player = world.player()
        video = published(world, player)
        assert "/photo?" not in world.client.get(f"/videos/{video}").text
        add(player)
        page = world.client.get(f"/videos/{video}").text
        assert '<img class="photo" src="/api/players/lucia.rios/photo?side=small&amp;v=' in page
        assert 'width="40" height="40" loading="lazy"' in page
        assert "lucia.rios" in page
        with browser_client(world, player) as visitor:
            assert 'src="/api/me/photo?side=small' in visitor.get("/account").text


class TestModeration:
    def test_an_organizer_removes_it_for_a_reason_that_the_person_reads(self, world: World, anb: Anb) -> None:
        player = world.player()
        add(player)
        assert anb("user", "remove-photo", player.email, "--reason", "funny").exit_code == 2
        assert anb("user", "remove-photo", player.email, "--reason", "reveals-data").exit_code == 0
        assert "removed (reveals-data)" in anb("user", "show", player.email).output
        assert "photo_removed" in anb("audit", "list").output
        assert anb("user", "remove-photo", player.email, "--reason", "reveals-data").exit_code == 1
        assert kept(world) == []
        taken = "Los organizadores quitaron tu foto: deja ver datos personales."
        with browser_client(world, player) as visitor:
            assert taken in visitor.get("/account/profile").text
            add(player)
            assert taken not in visitor.get("/account/profile").text

    def test_there_is_a_sentence_for_each_reason(self, world: World) -> None:
        player = world.player()
        for fault in PhotoFault:
            add(player)
            with world.uow() as uow:
                photos.remove_for(uow, world.ports, player.id, fault, AuditActor("an organizer"))
            with browser_client(world, player) as visitor:
                assert "Los organizadores quitaron tu foto" in visitor.get("/account/profile").text
        with world.uow() as uow, pytest.raises(PhotoNotFound):
            photos.remove_for(uow, world.ports, player.id, PhotoFault.ASKED, AuditActor("an organizer"))


class TestFiles:
    def test_the_rows_know_them_and_those_of_a_death_are_swept(self, world: World) -> None:
        keys = add(world.player())
        lost = world.settings.media_root / "photos" / "lost.jpg"
        lost.write_bytes(b"of a process that died")
        assert list(storage.verify(world.database, world.ports, checksums=True)) == []
        (world.settings.media_root / keys[0]).write_bytes(b"another")
        assert [one.key for one in storage.verify(world.database, world.ports, checksums=True)] == [keys[0]]
        world.change(sweep_age_seconds=0)
        assert [one.key for one in storage.sweep(world.database, world.ports, world.settings)] == ["photos/lost.jpg"]
        assert kept(world) == keys

    def test_an_erased_account_leaves_none(self, world: World) -> None:
        player = world.player()
        published(world, player)
        add(player)
        erase(world, player)
        assert kept(world) == []
        with world.uow() as uow:
            assert photos.own(uow, player.id) is None

    def test_an_account_that_was_never_used_leaves_none(self, world: World) -> None:
        player = world.player()
        add(player)
        with world.uow() as uow:
            uow.execute(text("update users set confirmable_at = now() - interval '400 days'"))
        work = RetentionRun(world.database, world.ports, world.settings)
        assert (retention.run(work)["unconfirmed_accounts"], kept(world)) == (1, [])

    def test_the_archive_holds_it(self, world: World) -> None:
        player, sink = world.player(), BytesIO()
        large = add(player)
        export.write(world.database, world.ports, world.settings, player.id, sink)
        archive = ZipFile(sink)
        assert json.loads(archive.read("photo.json"))["file"] == "photo.jpg"
        assert archive.read("photo.jpg") in [(world.settings.media_root / key).read_bytes() for key in large]
        assert world.client.delete(OWN, headers=player.headers).status_code == 204
        export.write(world.database, world.ports, world.settings, player.id, sink := BytesIO())
        assert json.loads(ZipFile(sink).read("photo.json")) is None
