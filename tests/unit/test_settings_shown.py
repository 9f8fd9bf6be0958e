"""`anb config` prints each effective setting, of processes and of `anb up`, and no secret."""

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from anb import cli
from anb.settings import Settings, StackSettings, WrongSetting

SECRETS = ("pg-s3cret", "also-s3cret", "queue-s3cret", "key-s3cret" * 4)
ON_A_SERVER = {
    "ANB_DATABASE_URL": f"postgresql://anb:{SECRETS[0]}@db.internal/anb?sslmode=require&password={SECRETS[1]}",
    "ANB_REDIS_URL": f"redis://:{SECRETS[2]}@queue.internal:6379/0",
    "ANB_MEDIA_ROOT": "/srv/media",
    "ANB_SECRET_KEY": SECRETS[3],
}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr("os.environ", {"ANB_DATA_DIR": str(tmp_path)})
    monkeypatch.setattr(cli, "console", Console(width=400))
    return tmp_path


def config(**environment: str) -> Result:
    return CliRunner().invoke(cli.app, ["config"], env=environment)


def row(result: Result, name: str) -> str:
    (line,) = [line for line in result.output.splitlines() if f" {name} " in line]
    return line


@pytest.mark.usefixtures("here")
def test_on_a_server_every_setting_is_shown_and_no_secret() -> None:
    result = config(**ON_A_SERVER)
    assert result.exit_code == 0, result.output
    for name in {*Settings.model_fields, *StackSettings.model_fields}:
        assert row(result, f"ANB_{name.upper()}")
    assert "postgresql://***@db.internal/anb" in row(result, "ANB_DATABASE_URL")
    assert "redis://***@queue.internal:6379/0" in row(result, "ANB_REDIS_URL")
    together = "".join(result.output.split())
    assert not [secret for secret in SECRETS if secret in together]


def test_beside_a_stack_what_it_keeps_is_shown_and_the_environment_wins(here: Path) -> None:
    kept = ON_A_SERVER | {"ANB_HTTP_PORT": "9001", "ANB_WEB_THREADS": "7"}
    (here / "anb.env").write_text("".join(f"{name}={value}\n" for name, value in kept.items()), encoding="utf-8")
    result = config(ANB_WEB_THREADS="9")
    assert " 9001 " in row(result, "ANB_HTTP_PORT")
    assert " 127.0.0.1 " in row(result, "ANB_HTTP_HOST")
    assert str(here) in row(result, "ANB_DATA_DIR")
    assert " 9 " in row(result, "ANB_WEB_THREADS")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [("ANB_HTTP_PORT", "70000", "less than 65536"), ("ANB_WEB_PORT", "-1", "greater than 0"),
     ("ANB_SECRET_KEY", "s3cret", "at least 32")],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_name_and_its_reason(name: str, value: str, reason: str) -> None:
    result = config(**ON_A_SERVER | {name: value})
    assert isinstance(result.exception, WrongSetting)
    assert str(result.exception).startswith(f"{name}: ")
    assert reason in str(result.exception)
    assert "s3cret" not in f"{result.exception}{result.output}"
