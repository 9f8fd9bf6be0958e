"""Backup and restore: complete or not at all, each file once, nothing overwritten, each SHA-256 compared."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from deploy.hosts import backup, dump, restore
from deploy.hosts.backup_store import MANIFESTS, SHARE, BackupStore
from deploy.hosts.machine import CannotConverge

from support.hosts import Bucket, Listening, machine

CLIPS = {"originals/aa/1.mp4": b"one" * 1000, "edits/aa/1.mp4": b"edit", "edits/ab/2.webm": b"two"}


class BackupSurroundings:
    """A worker's surroundings: a share, a database whose dump is a text, and a bucket."""

    def __init__(self, folder: Path) -> None:
        self.media, self.work, self.bucket = folder / "media", folder / "work", Bucket()
        self.host: Listening = machine(folder)[0]
        self.backup_store = BackupStore("b", self.bucket)
        self.database = "rows"
        self.clock = 0
        self.work.mkdir()
        for place, content in CLIPS.items():
            self.write(place, content)

    def write(self, place: str, content: bytes) -> None:
        path = self.media / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.media)): p.read_bytes() for p in sorted(self.media.rglob("*")) if p.is_file()}

    def save(self) -> str:
        self.clock += 1
        self.bucket.uploads.clear()
        return backup.take(
            self.host, self.backup_store, "url", self.media, self.work, "r1", f"2026110{self.clock}T073000Z"
        ).name

    def put_back(self, name: str = "") -> str:
        return restore.put_back(self.host, self.backup_store, "url", self.media, self.work, name)

    def lose_everything(self) -> None:
        for path in self.media.rglob("*"):
            if path.is_file():
                path.unlink()
        self.database = ""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BackupSurroundings:
    made = BackupSurroundings(tmp_path)

    def take(_url: str, target: Path) -> None:
        target.write_text(made.database, encoding="utf-8")

    def put_back(_url: str, source: Path) -> None:
        made.database = source.read_text(encoding="utf-8")

    monkeypatch.setattr(dump, "take", take)
    monkeypatch.setattr(dump, "put_back", put_back)
    monkeypatch.setattr(dump, "is_empty", lambda _: not made.database)
    return made


class TestBackup:
    def test_all_that_was_saved_comes_back_to_the_byte(self, site: BackupSurroundings) -> None:
        name = site.save()
        site.lose_everything()
        assert site.put_back() == name
        assert (site.files(), site.database) == (CLIPS, "rows")
        assert list(site.work.iterdir()) == []

    def test_what_was_deleted_or_made_while_it_was_taken_is_in_it(
        self, site: BackupSurroundings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def busy(_url: str, target: Path) -> None:
            """The rows are of the moment between the creation of one file and the deletion of another."""
            site.write("edits/ac/new.mp4", b"new")
            target.write_text(site.database, encoding="utf-8")
            (site.media / "edits/aa/1.mp4").unlink()

        monkeypatch.setattr(dump, "take", busy)
        site.save()
        site.lose_everything()
        site.put_back()
        assert site.files() == CLIPS | {"edits/ac/new.mp4": b"new"}

    def test_a_file_is_sent_once(self, site: BackupSurroundings) -> None:
        site.save()
        site.write("originals/ac/3.mp4", b"three")
        site.save()
        assert [key for key in site.bucket.uploads if key.startswith(SHARE)] == [f"{SHARE}originals/ac/3.mp4"]

    def test_a_file_that_the_bucket_lost_is_sent_again(self, site: BackupSurroundings) -> None:
        site.save()
        del site.bucket.objects[f"{SHARE}edits/aa/1.mp4"]
        site.save()
        assert f"{SHARE}edits/aa/1.mp4" in site.bucket.uploads

    def test_what_is_on_its_way_is_left_out(self, site: BackupSurroundings) -> None:
        for place in ("incoming/u1", "originals/aa/4.mp4.part", "edits/.hidden"):
            site.write(place, b"x")
        assert set(site.backup_store.read(site.save()).files) == set(CLIPS)

    def test_one_that_was_cut_is_none(self, site: BackupSurroundings, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = site.save()
        site.write("originals/ac/3.mp4", b"three")
        monkeypatch.setattr(
            Bucket, "upload_file", lambda *_, **__: (_ for _ in ()).throw(OSError("the network is gone"))
        )
        with pytest.raises(OSError, match="network"):
            site.save()
        assert site.backup_store.names() == [whole]

    def test_deleted_videos_leave_the_bucket_with_the_last_backup_that_names_them(
        self, site: BackupSurroundings
    ) -> None:
        site.save()
        (site.media / "edits/ab/2.webm").unlink()
        gone = f"{SHARE}edits/ab/2.webm"
        site.bucket.age(gone, timedelta(days=2))
        for _ in range(3):
            site.save()
        backup.forget(site.host, site.backup_store, kept=4)
        assert gone in site.bucket.objects
        backup.forget(site.host, site.backup_store, kept=3)
        assert gone not in site.bucket.objects
        site.lose_everything()
        site.put_back()
        assert set(site.files()) == set(CLIPS) - {"edits/ab/2.webm"}

    def test_what_another_backup_has_just_sent_is_not_removed(self, site: BackupSurroundings) -> None:
        site.save()
        site.bucket.put_object(Bucket="b", Key=f"{SHARE}edits/zz/9.mp4", Body=b"under way")
        backup.forget(site.host, site.backup_store)
        assert f"{SHARE}edits/zz/9.mp4" in site.bucket.objects

    def test_one_a_night_is_enough_however_many_workers(self, site: BackupSurroundings) -> None:
        assert backup.is_due(site.backup_store, hours=12)
        backup.take(site.host, site.backup_store, "url", site.media, site.work, "r1")
        assert not backup.is_due(site.backup_store, hours=12)
        assert backup.is_due(site.backup_store, hours=-1)


class TestRestore:
    def test_it_never_goes_over_what_people_did(self, site: BackupSurroundings) -> None:
        site.save()
        with pytest.raises(CannotConverge, match="not empty"):
            site.put_back()

    def test_a_file_that_is_not_what_was_saved_stops_it_before_the_database(self, site: BackupSurroundings) -> None:
        site.save()
        site.lose_everything()
        site.bucket.objects[f"{SHARE}edits/aa/1.mp4"] = b"EDIT"
        with pytest.raises(CannotConverge, match="not what was saved"):
            site.put_back()
        assert site.database == ""
        assert "edits/aa/1.mp4" not in site.files()

    def test_one_that_was_cut_goes_on(self, site: BackupSurroundings) -> None:
        site.save()
        site.lose_everything()
        site.write("edits/aa/1.mp4", CLIPS["edits/aa/1.mp4"])
        site.write("edits/ab/2.webm", b"t")
        site.put_back()
        assert site.files() == CLIPS

    def test_an_older_backup_can_be_chosen(self, site: BackupSurroundings) -> None:
        first = site.save()
        site.database = "later rows"
        site.save()
        site.lose_everything()
        assert site.put_back(first) == first
        assert site.database == "rows"

    def test_without_such_a_backup_it_says_which_there_are(self, site: BackupSurroundings) -> None:
        name = site.save()
        site.lose_everything()
        with pytest.raises(CannotConverge, match=name):
            site.put_back("20200101T000000Z")

    def test_one_file_comes_back_over_what_is_broken(self, site: BackupSurroundings) -> None:
        site.save()
        site.write("edits/aa/1.mp4", b"broken")
        restore.put_back_file(site.host, site.backup_store, site.media, "edits/aa/1.mp4")
        assert site.files() == CLIPS
        with pytest.raises(CannotConverge, match="has no edits/zz"):
            restore.put_back_file(site.host, site.backup_store, site.media, "edits/zz")

    def test_a_manifest_is_plain_json(self, site: BackupSurroundings) -> None:
        known = json.loads(site.bucket.objects[f"{MANIFESTS}{site.save()}.json"])
        assert known["release"] == "r1"
        assert known["files"]["edits/aa/1.mp4"]["bytes"] == 4


class TestDump:
    def test_the_password_is_in_the_environment_not_in_the_command(self) -> None:
        known = dump.surroundings("postgresql://anb:p%40ss@db.example:5433/anb?sslmode=require")
        assert known["PGPASSWORD"] == "p@ss"
        assert (known["PGHOST"], known["PGPORT"], known["PGSSLMODE"]) == ("db.example", "5433", "require")
        assert "PGSSLROOTCERT" not in known

    def test_its_certificate_is_verified_where_the_address_says_so(self) -> None:
        known = dump.surroundings("postgresql://anb:x@db.example/anb?sslmode=verify-full&sslrootcert=/etc/anb/a.pem")
        assert (known["PGSSLMODE"], known["PGSSLROOTCERT"]) == ("verify-full", "/etc/anb/a.pem")

    def test_the_library_with_tls_is_there(self) -> None:
        assert dump._library().name.startswith("libpq")
