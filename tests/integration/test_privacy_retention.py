"""What is deleted after a time: each rule, what it leaves, a dry run, and the one run of a night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from anb.accounts import links
from anb.db.session import UnitOfWork
from anb.errors import Outage
from anb.media.renditions import MADE
from anb.privacy import erasure, periodic, retention
from anb.privacy.retention import RetentionRun
from anb.storage import service as storage
from anb.videos import removal
from anb.videos import service as videos
from support.browser_client import published
from support.leaving import ask, close, vote
from support.worlds import Player, World


def retain(world: World, *, dry: bool = False, **settings: int) -> dict[str, int]:
    settings_now = world.settings.model_copy(update=settings)
    return retention.run(RetentionRun(world.database, world.ports, settings_now, dry))


def old(world: World, table: str, column: str, days: int) -> None:
    with world.uow() as uow:
        uow.execute(text(f"update {table} set {column} = {column} - make_interval(days => {days})"))  # noqa: S608


def count(world: World, table: str, where: str = "true") -> int:
    with world.uow() as uow:
        return int(uow.execute(text(f"select count(*) from {table} where {where}")).scalar_one())  # noqa: S608


class TestUnconfirmedAccounts:
    def test_only_those_that_nobody_used_are_deleted(self, world: World) -> None:
        idle, confirmed, organizer = world.player("Sin Uso"), world.player("Con Correo"), world.organizer()
        voter, owner, uploader = world.player("Ana Paz"), world.player(), world.player("Eva Sube")
        assert vote(world, voter, published(world, owner)) == 200
        assert (
            world.client.delete(f"/api/videos/{uploader.upload().video_id}", headers=uploader.headers).status_code
            == 200
        )
        erased = world.player("Ida Fue")
        ask(world, erased)
        assert erasure.run_due(world.database, world.ports) == 1
        with world.uow() as uow:
            uow.execute(text("update users set email_confirmed_at = now() where id = :id"), {"id": confirmed.id})
        assert retain(world)["unconfirmed_accounts"] == 0
        old(world, "users", "confirmable_at", world.settings.unconfirmed_days + 1)
        assert retain(world, unconfirmed_days=0)["unconfirmed_accounts"] == 0
        assert retain(world, dry=True)["unconfirmed_accounts"] == 1
        assert retain(world)["unconfirmed_accounts"] == 1
        left = {confirmed.id, organizer.id, voter.id, owner.id, uploader.id, erased.id}
        with world.uow() as uow:
            assert set(uow.execute(text("select id from users")).scalars()) == left
        assert idle.id not in left

    def test_any_number_goes_in_batches(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention, "BATCH", 2)
        for number in range(5):
            world.player(f"Sin U{number}")
        old(world, "users", "confirmable_at", 1000)
        assert retain(world)["unconfirmed_accounts"] == 5

    def test_an_account_from_before_confirmation_counts_from_the_upgrade_on(self, world: World) -> None:
        world.player()
        old(world, "users", "created_at", 1000)
        assert retain(world)["unconfirmed_accounts"] == 0


class TestOriginals:
    def test_after_the_close_the_edit_stays_and_the_original_goes(self, world: World) -> None:
        owner = world.player()
        clip = published(world, owner)
        assert retain(world)["originals"] == 0
        close(world)
        assert retain(world)["originals"] == 0
        old(world, "seasons", "opened_at", 2000)
        old(world, "seasons", "closed_at", world.settings.originals_days + 1)
        old(world, "videos", "uploaded_at", world.settings.originals_days + 2)
        fresh = published(world, owner, "de otra temporada")
        assert retain(world, dry=True)["originals"] == 1
        assert len([key for key in world.files() if key.startswith("originals/")]) == 2
        assert retain(world, originals_days=0)["originals"] == 0
        assert retain(world)["originals"] == 1
        assert len([key for key in world.files() if key.startswith("originals/")]) == 1
        assert world.client.get(f"/api/videos/{clip}/processed").status_code == 200
        shown = world.client.get(f"/api/videos/{clip}", headers=owner.headers).json()
        assert (shown["original_url"], shown["status"]) == ("", "processed")
        assert list(storage.verify(world.database, world.ports, checksums=False)) == []
        assert retain(world)["originals"] == 0
        with world.uow() as uow:
            assert videos.reedit(uow, world.ports, older_than=None, every=0) == 1
            assert uow.execute(text("select video_id from jobs where state = 'queued'")).scalar_one() == fresh

    def test_a_new_edit_that_waits_for_it_is_cancelled(self, world: World) -> None:
        published(world, world.player())
        close(world)
        old(world, "seasons", "opened_at", 2000)
        old(world, "seasons", "closed_at", 1000)
        old(world, "videos", "uploaded_at", 1001)
        with world.uow() as uow:
            videos.reedit(uow, world.ports, older_than=None, every=0)
        assert retain(world)["originals"] == 1
        assert count(world, "jobs", "state = 'queued'") == 0


class TestTraces:
    def test_networks_of_jobs_and_uploads_are_forgotten(self, world: World) -> None:
        player = world.player()
        player.upload()
        with world.uow() as uow:
            uow.execute(text("update jobs set origin = 'x'"))
            _open_upload(uow, player)
        assert retain(world)["origins"] == 0
        for table in ("jobs", "uploads"):
            old(world, table, "created_at", world.settings.origin_days + 1)
        assert retain(world, dry=True)["origins"] == 2
        assert retain(world)["origins"] == 2
        assert count(world, "jobs", "origin is not null") + count(world, "uploads", "origin is not null") == 0

    def test_links_go_after_their_use_or_end(self, world: World) -> None:
        player = world.player()
        with world.uow() as uow:
            used, _expired, valid = (
                links.make(uow, links.Purpose.CONFIRM, player.id, {}, seconds) for seconds in (9**9, 60, 9**9)
            )
            links.use(uow, links.Purpose.CONFIRM, used)
        assert retain(world)["links"] == 0
        world.clock.ahead = timedelta(days=world.settings.link_days, hours=1)
        assert retain(world)["links"] == 2
        with world.uow() as uow:
            assert links.open(uow, links.Purpose.CONFIRM, valid).account_id == player.id

    def test_proofs_of_erasures_go_at_last(self, world: World) -> None:
        ask(world, world.player())
        assert erasure.run_due(world.database, world.ports) == 1
        assert retain(world)["proofs"] == 0
        world.clock.ahead = timedelta(days=world.settings.proof_days + 1)
        assert retain(world)["proofs"] == 1

    def test_sessions_go_after_their_end(self, world: World) -> None:
        world.player()
        world.clock.ahead = timedelta(days=world.settings.session_days + 1)
        assert retain(world)["sessions"] == 0
        with world.uow() as uow:
            uow.execute(
                text(
                    "insert into sessions (account_id, kind, secret_hash, device, expires_at, last_expires_at)"
                    " select id, 'browser', 'x', 'Firefox', now(), now() from users"
                )
            )
        assert retain(world)["sessions"] == 1

    def test_a_last_mail_that_cannot_be_sent_does_not_keep_the_address(self, world: World) -> None:
        ask(world, world.player())
        assert erasure.run_due(world.database, world.ports) == 1
        assert retain(world)["farewells"] == 0
        old(world, "mails", "created_at", retention.FAREWELL_DAYS + 1)
        assert retain(world)["farewells"] == 1
        assert count(world, "mails") == 0

    def test_files_that_a_dead_process_left_are_deleted(self, world: World) -> None:
        owner = world.player()
        clip = published(world, owner)
        with world.database.committing() as uow:
            removal.withdraw(uow, world.ports, clip, owner.id)
        assert retain(world, dry=True)["files"] == len(MADE) + 1
        assert retain(world)["files"] == len(MADE) + 1
        assert world.files() == []


def _open_upload(uow: UnitOfWork, player: Player) -> None:
    uow.execute(
        text(
            "insert into uploads (owner_id, title, bytes, part_key, origin, expires_at)"
            " values (:owner, 'x', 9, 'incoming/x.part', 'x', now() + interval '1 day')"
        ),
        {"owner": player.id},
    )


class Night:
    """A clock that shows one moment."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def at(world: World, hour: int) -> RetentionRun:
    """Return a run at an hour of Colombia."""
    clock = Night(datetime.now(UTC).replace(hour=(hour + 5) % 24))
    return RetentionRun(world.database, replace(world.ports, clock=clock), world.settings)


class TestNights:
    def test_one_process_runs_it_once_a_night(self, world: World) -> None:
        assert not retention.run_nightly(at(world, 2))
        assert [retention.run_nightly(at(world, 4)) for _ in range(2)] == [True, False]
        assert count(world, "retention_runs", "finished_at is not null") == 1

    def test_a_run_that_died_is_repeated(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def die(_: object) -> int:
            raise Outage("the share does not answer")

        with monkeypatch.context() as patched:
            patched.setattr(retention, "RULES", {"files": die})
            with pytest.raises(Outage):
                retention.run_nightly(at(world, 4))
        assert not retention.run_nightly(at(world, 4))
        with world.uow() as uow:
            uow.execute(text("update retention_runs set began_at = began_at - interval '3 hours'"))
        assert retention.run_nightly(at(world, 4))


class TestPeriodic:
    def test_it_erases_and_says_what_is_overdue(self, world: World) -> None:
        ask(world, world.player())
        periodic.leave(world.database, world.ports, world.settings)
        assert count(world, "erasures", "finished_at is not null") == 1
        ask(world, world.player("Ana Paz"), by="person")
        with world.uow() as uow:
            uow.execute(
                text("update erasures set due_at = now() - interval '1 day', starts_at = now() + interval '1 day'")
            )
        with capture_logs() as logs:
            periodic.leave(world.database, world.ports, world.settings)
        assert "privacy.erasure.overdue" in [entry["event"] for entry in logs]

    def test_a_share_that_is_down_stops_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        def down(*_: object) -> int:
            raise Outage("the share does not answer")

        monkeypatch.setattr(storage, "delete_doomed", down)
        periodic.leave(world.database, world.ports, world.settings)
