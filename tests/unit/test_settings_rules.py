"""Settings are refused at start, by name and with the reason, and no secret has a default."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from anb.adapters.credentials import NoKey
from anb.bootstrap import build_ports
from anb.settings import Settings, StackSettings, WrongSetting, env_file, load, load_for_counting, load_for_web
from anb.settings.mail import SenderSettings

GOOD = {
    "ANB_DATABASE_URL": "postgresql://anb:secret@db/anb",
    "ANB_REDIS_URL": "redis://:secret@queue:6379/0",
    "ANB_MEDIA_ROOT": "/srv/media",
    "ANB_SECRET_KEY": "x" * 32,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_each_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANB_CLIP_MIN_SECONDS", "15")
    assert load(Settings).clip_min_seconds == 15


@pytest.mark.parametrize("name", list(GOOD))
def test_without_a_secret_or_an_address_no_web_process_starts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(WrongSetting, match=f"{name}: Field required"):
        load_for_web()


def test_without_the_key_of_the_log_nothing_counts_votes(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WrongSetting, match="ANB_VOTE_LOG_KEY: Field required"):
        load_for_counting()
    monkeypatch.setenv("ANB_VOTE_LOG_KEY", "short")
    with pytest.raises(WrongSetting, match=r"ANB_VOTE_LOG_KEY: .* at least 32"):
        load_for_counting()
    monkeypatch.setenv("ANB_VOTE_LOG_KEY", "l" * 32)
    assert "l" * 32 not in repr(load_for_counting())


def test_who_signs_nothing_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANB_SECRET_KEY")
    tokens = build_ports(load(Settings)).tokens
    for sign in (lambda: tokens.issue(uuid4()), lambda: tokens.read("x"), lambda: tokens.sign("x")):
        with pytest.raises(NoKey, match="no ANB_SECRET_KEY"):
            sign()
    with pytest.raises(NoKey):
        tokens.verify("x", "y")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ANB_SECRET_KEY", "short", "at least 32"),
        ("ANB_REDIS_URL", "http://queue", "scheme"),
        ("ANB_WEB_PORT", "70000", "less than 65536"),
        ("ANB_CLIP_MIN_SECONDS", "90", "ANB_CLIP_MAX_SECONDS"),
        ("ANB_LEASE_SECONDS", "1.5", "ANB_HEARTBEAT_SECONDS"),
        ("ANB_EDIT_BUMPER_SECONDS", "3", "2.5"),
    ],
)
def test_a_wrong_value_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as wrong:
        load(Settings)
    assert reason in str(wrong.value)
    assert "ANB_" in str(wrong.value)


def test_a_secret_is_not_shown() -> None:
    assert "x" * 32 not in repr(load(Settings))


def test_the_file_of_a_running_stack_fills_in_what_the_environment_lacks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "anb.env"
    kept.write_text("ANB_WEB_PORT=9001\nANB_WEB_HOST=10.0.0.1\nPATH=/nowhere\nnonsense\n")
    monkeypatch.setenv("ANB_WEB_HOST", "127.0.0.2")
    monkeypatch.setenv("ANB_WEB_PORT", "1")
    monkeypatch.delenv("ANB_WEB_PORT")
    env_file(kept)
    settings = load(Settings)
    assert (settings.web_port, settings.web_host) == (9001, "127.0.0.2")
    env_file(tmp_path / "not there")


def test_the_stack_needs_no_setting_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GOOD:
        monkeypatch.delenv(name)
    assert load(StackSettings).http_port == 8080


def test_only_who_sends_mail_needs_the_password_of_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANB_SMTP_USER", "anb")
    assert load_for_web().smtp_user == "anb"
    with pytest.raises(WrongSetting, match="ANB_SMTP_USER and ANB_SMTP_PASSWORD go together"):
        load(SenderSettings)


def test_what_checks_a_sender_is_loaded_where_there_is_one() -> None:
    asked = "import sys, anb.settings; print('email_validator' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
