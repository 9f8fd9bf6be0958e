"""A person takes their data along: what the archive holds, who gets it, how long it is kept, what a death leaves."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from anb.privacy import archive as parts
from anb.privacy import erasure, export, periodic, store
from anb.privacy.domain import ExportAskedAlready, ExportNotFound
from anb.storage import service as storage
from support.browser_client import browser_client, form, published
from support.commands import anb_on
from support.leaving import ask as ask_to_erase
from support.leaving import send_mails, vote, withdraw
from support.worlds import Player, World

WORD = "balon-naranja-7"


def made(world: World, player: Player) -> ZipFile:
    """Ask for an archive, make it, and open it."""
    with world.uow() as uow:
        export.ask(uow, player.id)
    assert export.run_due(world.database, world.ports, world.settings) == 1
    return opened(world, player)


def opened(world: World, player: Player) -> ZipFile:
    with world.uow() as uow:
        return ZipFile(world.settings.media_root / export.download(uow, player.id))


def read(archive: ZipFile, name: str) -> Any:
    return json.loads(archive.read(f"{name}.json"))


def archives(world: World) -> list[str]:
    return [key for key in world.files() if key.startswith("exports/")]


SECRETS = ("the-credential", "the-public-key", "the-sealed-secret", "the-recovery-hash-of-thirty-two")
# What only the forms of a browser, an authenticator or an issuer write, as rows.
EVERYTHING = """
update users set birth_year = 2012 where id = :id;
insert into profile_changes (account_id, field, before, after, who) values
    (:id, 'city', 'Bogotá', 'Cali', 'the person'), (:id, 'birth_year', '2001', '2012', 'un-organizador');
insert into guardians (account_id, name, email, language, answer, answered_at) values
    (:id, 'Rosa Paz', 'rosa@example.com', 'es', 'refused', now());
insert into guardians (account_id, name, email, language) values (:id, 'Luz Paz', 'luz@example.com', 'es');
insert into consents (account_id, who, answer, version, digest, language, channel) values
    (:id, 'player', 'given', '2026-01-01', 'd', 'es', 'page');
insert into passkeys (account_id, credential_id, public_key, name) values
    (:id, 'the-credential', 'the-public-key', 'Mi celular');
insert into totp_secrets (account_id, sealed, confirmed_at) values (:id, 'the-sealed-secret', '2026-02-03 12:00Z');
insert into recovery_codes (account_id, code_hash) values (:id, 'the-recovery-hash-of-thirty-two.');
insert into identities (account_id, key, issuer, subject, email) values
    (:id, 'work', 'https://issuer.example', 'the-subject', 'ana@work.example');
insert into uploads (owner_id, title, start_seconds, bytes, received, part_key, expires_at) values
    (:id, 'A medias', 1.5, 9, 3, 'the-part', now() + interval '1 day');
insert into mail_choices (account_id, kind) values (:id, 'results')
"""


def keep_something_of_everything(world: World, player: Player) -> None:
    with world.uow() as uow:
        for statement in EVERYTHING.split(";"):
            uow.execute(text(statement), {"id": player.id})


class TestContent:
    def test_it_holds_everything_of_the_person_and_nothing_of_others(self, world: World) -> None:
        owner, other = world.player(), world.player("Ana Paz", "Cali")
        public, gone = published(world, owner, "Triple"), published(world, owner, "Bandeja")
        owner.upload("En espera", b"\0\0\0\x18ftypisom the very bytes")
        withdraw(world, owner, gone)
        assert vote(world, owner, published(world, other, "De Ana")) == 200
        archive = made(world, owner)
        assert archive.testzip() is None
        assert read(archive, "account")["email"] == owner.email
        clips = read(archive, "clips")
        assert [(clip["title"], clip["file"] is not None) for clip in clips] == [
            ("Triple", True), ("Bandeja", False), ("En espera", True),
        ]  # fmt: skip
        assert (clips[0]["id"], clips[0]["start_seconds"]) == (str(public), 0)
        assert archive.read(clips[2]["file"]) == b"\0\0\0\x18ftypisom the very bytes"
        assert [each["title"] for each in read(archive, "votes")] == ["De Ana"]
        assert read(archive, "consents") == []
        assert {each["kind"] for each in read(archive, "mails")} == {"confirm_email"}
        everything = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
        for secret in (other.email, "password", "original_key", "secret"):
            assert secret not in everything

    def test_no_part_is_left_out_and_no_secret_is_let_in(self, world: World) -> None:
        owner = world.player()
        keep_something_of_everything(world, owner)
        archive = made(world, owner)
        assert read(archive, "account")["birth_year"] == 2012
        moved, corrected = read(archive, "profile_changes")
        assert (moved["field"], moved["before"], moved["after"], moved["who"]) == ("city", "Bogotá", "Cali", "person")
        assert (corrected["before"], corrected["after"], corrected["who"]) == ("2001", "2012", "organizer")
        assert [(each["name"], each["answer"]) for each in read(archive, "guardians")] == [
            ("Rosa Paz", "refused"), ("Luz Paz", None),
        ]  # fmt: skip
        assert [(each["who"], each["answer"]) for each in read(archive, "consents")] == [("player", "given")]
        factors = read(archive, "second_factors")
        assert [set(key) for key in factors["passkeys"]] == [{"name", "created_at", "used_at"}]
        assert factors["passkeys"][0]["name"] == "Mi celular"
        assert (factors["totp_since"][:10], factors["recovery_codes_left"]) == ("2026-02-03", 1)
        (linked,) = read(archive, "identities")
        assert (linked["issuer"], linked["email"]) == ("https://issuer.example", "ana@work.example")
        assert linked["linked_at"]
        (upload,) = read(archive, "uploads")
        assert {"title": "A medias", "start_seconds": 1.5, "received": 3, "bytes": 9}.items() <= upload.items()
        assert read(archive, "mails_switched_off") == ["results"]
        everything = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".json"))
        for secret in ("un-organizador", "the-subject", "the-part", *SECRETS):
            assert secret not in everything

    def test_originals_beyond_the_limit_are_named_and_left_out(self, world: World) -> None:
        owner = world.player()
        owner.upload(body=b"\0\0\0\x18ftypisom 1")
        owner.upload(body=b"\0\0\0\x18ftypisom 2")
        world.change(export_most_bytes=20)
        assert [clip["file"] is not None for clip in read(made(world, owner), "clips")] == [True, False]

    def test_any_number_of_votes_is_in_it(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parts, "ROWS", 2)
        voter, owner = world.player("Ana Paz"), world.player()
        for _ in range(5):
            assert vote(world, voter, published(world, owner)) == 200
        assert len(read(made(world, voter), "votes")) == 5


class TestAsking:
    def test_by_the_api_it_is_asked_for_made_told_and_fetched(self, world: World) -> None:
        email = "ana@example.com"
        assert world.client.post("/api/auth/signup", json=form(email=email)).status_code == 201
        login = world.client.post("/api/auth/login", json={"email": email, "password": WORD}).json()
        token = {"Authorization": f"Bearer {login['access_token']}"}
        assert world.client.get("/api/me/export", headers=token).status_code == 404
        assert world.client.post("/api/me/export", headers=token).json()["ready_at"] is None
        assert world.client.post("/api/me/export", headers=token).json()["code"] == "export-asked"
        assert world.client.get("/api/me/export/file", headers=token).json()["code"] == "export-not-found"
        periodic.leave(world.database, world.ports, world.settings)
        assert send_mails(world, email)[-1] == "export_ready"
        assert world.client.get("/api/me/export", headers=token).json()["bytes"] > 0
        sent = world.client.get("/api/me/export/file", headers=token)
        assert sent.headers["x-accel-redirect"] == f"/_media/{archives(world)[0]}"
        assert sent.headers["x-file-cache-control"] == "private, no-store"
        world.clock.ahead = timedelta(seconds=world.settings.reauthentication_seconds + 1)
        assert world.client.get("/api/me/export/file", headers=token).json()["code"] == "sign-in-again"
        assert world.client.get("/api/me/export/file").status_code == 401

    def test_by_the_page_too(self, world: World) -> None:
        email = "ana@example.com"
        assert world.client.post("/api/auth/signup", json=form(email=email)).status_code == 201
        with browser_client(world) as browser:
            browser.post("/login", data={"email": email, "password": WORD})
            assert 'action="/account/export"' in browser.get("/account/export").text
            for _ in range(2):
                assert browser.post("/account/export").headers["location"] == "/account/export"
            assert "Estamos preparando" in browser.get("/account/export").text
            export.run_due(world.database, world.ports, world.settings)
            assert 'href="/account/export/file"' in browser.get("/account/export").text
            assert "x-accel-redirect" in browser.get("/account/export/file").headers

    def test_one_person_never_gets_anothers(self, world: World) -> None:
        owner, other = world.player(), world.player("Ana Paz")
        made(world, owner)
        with world.uow() as uow, pytest.raises(ExportNotFound):
            export.download(uow, other.id)

    def test_an_operator_writes_it_to_a_file(
        self, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        owner = world.player()
        published(world, owner)
        to = tmp_path / "lucia.zip"
        for anb in anb_on(world, monkeypatch):
            done = anb("user", "export", owner.email, "--to", to)
            assert done.exit_code == 0, done.output
            assert anb("user", "export", owner.email, "--to", to).exit_code == 1
        assert read(ZipFile(BytesIO(to.read_bytes())), "account")["username"] == "lucia.rios"


class TestItsEnd:
    def test_it_expires_and_can_be_asked_for_again(self, world: World) -> None:
        owner = world.player()
        made(world, owner)
        with world.uow() as uow, pytest.raises(ExportAskedAlready):
            export.ask(uow, owner.id)
        with world.uow() as uow:
            uow.execute(text("update exports set expires_at = now() - interval '1 second'"))
            assert export.find(uow, owner.id) is None
        periodic.leave(world.database, world.ports, world.settings)
        assert archives(world) == []
        made(world, owner)

    def test_an_erasure_takes_it_along(self, world: World) -> None:
        owner = world.player()
        made(world, owner)
        ask_to_erase(world, owner)
        assert erasure.run_due(world.database, world.ports) == 1
        assert archives(world) == []

    def test_the_sweep_knows_it(self, world: World) -> None:
        made(world, world.player())
        (kept,) = archives(world)
        (world.settings.media_root / "exports" / "lost.zip").write_bytes(b"of a process that died")
        old = world.settings.model_copy(update={"sweep_age_seconds": -1})
        swept = [each.key for each in storage.sweep(world.database, world.ports, old)]
        assert (swept, archives(world)) == (["exports/lost.zip"], [kept])


class TestDeathInTheMiddle:
    def test_another_process_makes_it_later_and_the_late_one_leaves_nothing(self, world: World) -> None:
        owner = world.player()
        with world.uow() as uow:
            export.ask(uow, owner.id)
            slow = store.begin_export(uow)
        assert slow is not None
        assert export.run_due(world.database, world.ports, world.settings) == 0
        with world.uow() as uow:
            uow.execute(text("update exports set began_at = began_at - interval '3 hours'"))
        assert export.run_due(world.database, world.ports, world.settings) == 1
        assert export._make(world.database, world.ports, world.settings, slow) is False
        assert len(archives(world)) == 1

    def test_a_share_without_room_delays_it(self, world: World) -> None:
        owner = world.player()
        with world.uow() as uow:
            export.ask(uow, owner.id)
        full = world.settings.model_copy(update={"free_bytes_floor": 2**60})
        assert export.run_due(world.database, world.ports, full) == 0
        assert archives(world) == []
