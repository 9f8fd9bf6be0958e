"""How the stack describes its parts: exits, delays, addresses, the places of sockets."""

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from anb.engines.errors import CannotStart
from anb.local import ports, sockets
from anb.local.data_folder import DataFolder, LocalSecrets
from anb.local.plan import StackPlan
from anb.local.supervisor.service_spec import WITHHELD, delay, outcome
from anb.settings import StackSettings

SECRETS = LocalSecrets("super", "owner", "app", "queue", "k" * 43, "l" * 43, "demo")


class TestOutcome:
    def test_an_end_is_told_as_code_or_signal(self) -> None:
        assert outcome(3) == "exit code 3"
        assert outcome(-signal.SIGKILL) == "signal KILL"
        assert outcome(-60) == "signal 60"


class TestDelay:
    def test_it_doubles_up_to_half_a_minute(self) -> None:
        assert [delay(failures) for failures in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


@pytest.fixture
def short() -> Iterator[Path]:
    """Return a folder with a short path, which pytest's own may not have."""
    with tempfile.TemporaryDirectory(prefix="anb-") as place:
        yield Path(place)


class TestSockets:
    def test_they_lie_in_the_data_folder_where_its_path_is_short(self, short: Path) -> None:
        assert sockets.folder(short) == short / "run"
        sockets.leave(short)
        assert (short / "run").is_dir()

    def test_a_deep_data_folder_has_them_in_a_private_one(self, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(short))
        deep = short / ("x" * 90)
        found = sockets.folder(deep)
        assert found.parent == short
        assert found.stat().st_mode & 0o777 == 0o700
        assert sockets.folder(deep) == found
        assert sockets.folder(short / ("y" * 90)) != found
        (found / "web.sock").touch()
        sockets.leave(deep)
        assert not found.exists()

    @pytest.mark.parametrize("trap", ["open", "link"])
    def test_a_folder_somebody_else_prepared_is_not_taken(
        self, short: Path, monkeypatch: pytest.MonkeyPatch, trap: str
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(short))
        deep = short / ("x" * 90)
        place = sockets.folder(deep)
        place.rmdir()
        if trap == "open":
            place.mkdir()
            place.chmod(0o777)
        else:
            (short / "elsewhere").mkdir(mode=0o700)
            place.symlink_to(short / "elsewhere")
        with pytest.raises(CannotStart, match="not a private folder"):
            sockets.folder(deep)


class TestAddresses:
    def test_this_machine_reaches_what_listens_everywhere(self) -> None:
        assert ports.local("0.0.0.0", 80) == "http://127.0.0.1:80"  # noqa: S104
        assert ports.local("::", 80) == "http://[::1]:80"
        assert ports.local("192.168.1.5", 8080) == "http://192.168.1.5:8080"


class TestPlan:
    def test_an_engine_named_from_outside_is_not_started(self, tmp_path: Path) -> None:
        def plan(**given: str) -> StackPlan:
            return StackPlan(StackSettings.model_validate(given), DataFolder(tmp_path), SECRETS)

        assert [part.name for part in plan().engines()] == ["postgres", "valkey", "mailbox"]
        database, queue = "postgresql://u:p@db/anb", "redis://:p@queue:6379/0"
        assert [part.name for part in plan(database_url=database).engines()] == ["valkey", "mailbox"]
        assert plan(database_url=database, redis_url=queue).engines()[:-1] == []
        environment = plan(database_url=database, redis_url=queue, media_root="/share").environment
        assert environment["ANB_DATABASE_URL"] == database
        assert environment["ANB_REDIS_URL"] == queue
        assert environment["ANB_MEDIA_ROOT"] == "/share"

    def test_settings_from_outside_reach_every_process(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANB_WORKER_PROCESSES", "3")
        monkeypatch.setenv("ANB_SECRET_KEY", "x" * 32)
        environment = StackPlan(StackSettings(), DataFolder(tmp_path), SECRETS).environment
        assert environment["ANB_WORKER_PROCESSES"] == "3"
        assert environment["ANB_SECRET_KEY"] == "x" * 32

    def test_all_parts_together_may_take_less_than_ten_seconds_to_end(self, tmp_path: Path) -> None:
        plan = StackPlan(StackSettings(), DataFolder(tmp_path), SECRETS)
        assert sum(part.patience for part in [*plan.engines(), *plan.ours(), plan.nginx()]) + 0.5 <= 10

    def test_the_owners_account_and_the_key_go_to_who_needs_them(self, tmp_path: Path) -> None:
        plan = StackPlan(StackSettings(), DataFolder(tmp_path), SECRETS)
        assert plan.environment["ANB_DATABASE_URL"].startswith("postgresql://anb_app:app@")
        assert plan.environment["ANB_DATABASE_OWNER_URL"].startswith("postgresql://anb:owner@")
        needs = {part.name: part.needs for part in [*plan.engines(), *plan.ours(), plan.nginx()] if part.needs}
        assert needs == {name: {"ANB_SECRET_KEY"} for name in ("web", "uploads", "streams")} | {
            "mail": {"ANB_SMTP_PASSWORD"},
            "reconcile": {"ANB_VOTE_LOG_KEY"},
        }
        assert {"ANB_SECRET_KEY", "ANB_DATABASE_OWNER_URL", "ANB_SMTP_PASSWORD", "ANB_VOTE_LOG_KEY"} == WITHHELD

    def test_only_mail_is_told_the_address_of_the_site(self, tmp_path: Path) -> None:
        plan = StackPlan(StackSettings(http_port=8123), DataFolder(tmp_path), SECRETS)
        given = {part.name: part.given for part in plan.ours() if part.given}
        assert given == {"mail": {"ANB_PUBLIC_URL": "http://localhost:8123"}}

    def test_pages_know_whether_the_mailbox_catches_the_mails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = {"ANB_MAIL_IS_SENT", "ANB_SIGN_UP_AT_ONCE"}
        plan = StackPlan(StackSettings(), DataFolder(tmp_path), SECRETS)
        assert {name: plan.environment[name] for name in known} == dict.fromkeys(known, "true")
        monkeypatch.setenv("ANB_SIGN_UP_AT_ONCE", "false")
        assert plan.environment["ANB_SIGN_UP_AT_ONCE"] == "false"
        monkeypatch.setenv("ANB_SMTP_URL", "smtps://mail.example")
        assert "ANB_MAIL_IS_SENT" not in plan.environment

    def test_mails_go_to_the_mailbox_unless_a_mail_server_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = StackPlan(StackSettings(), DataFolder(tmp_path), SECRETS)
        (tmp_path / "mailbox.json").write_text('{"smtp": 2525, "page": 8025}', encoding="utf-8")
        assert plan.ours()[-1].given["ANB_SMTP_URL"] == "smtp+plain://127.0.0.1:2525"
        monkeypatch.setenv("ANB_SMTP_URL", "smtps://mail.example")
        assert "ANB_SMTP_URL" not in plan.ours()[-1].given
        assert [part.name for part in plan.engines()] == ["postgres", "valkey"]

    def test_no_password_is_on_a_command_line(self, tmp_path: Path) -> None:
        plan = StackPlan(
            StackSettings(), DataFolder(tmp_path), LocalSecrets(*(f"s3cret{number}" for number in range(7)))
        )
        words = " ".join(word for part in [*plan.engines(), *plan.ours(), plan.nginx()] for word in part.command)
        assert "s3cret" not in words
        assert "s3cret" not in repr(plan.postgres) + repr(plan.valkey)
