"""Settings are refused at start, by name and with the reason, and no secret has a default."""

from pathlib import Path

import pytest

from anb.settings import Settings, StackSettings, WrongSetting, env_file, load

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
def test_without_a_secret_or_an_address_nothing_starts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(WrongSetting, match=f"{name}: Field required"):
        load(Settings)


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
