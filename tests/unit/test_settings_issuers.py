"""The issuers that people may sign in with: one JSON list, refused at start where it is wrong, and no secret shown."""

import json
import sys
from typing import Any

import pytest
from typer.testing import CliRunner

from anb import bootstrap, cli
from anb.settings import Settings, WrongSetting, load, load_for_web
from anb.settings.issuers import is_safe

CLUB = {
    "key": "club",
    "name": "El club",
    "issuer": "https://id.club.example",
    "client_id": "anb",
    "client_secret": "very-s3cret",
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANB_DATABASE_URL", "postgresql://anb:secret@db/anb")
    monkeypatch.setenv("ANB_REDIS_URL", "redis://queue:6379/0")
    monkeypatch.setenv("ANB_MEDIA_ROOT", "/srv/media")
    monkeypatch.setenv("ANB_SECRET_KEY", "x" * 32)
    monkeypatch.setenv("ANB_PUBLIC_URL", "https://anb.example")


def loaded(monkeypatch: pytest.MonkeyPatch, *issuers: dict[str, Any]) -> Settings:
    monkeypatch.setenv("ANB_OIDC_ISSUERS", json.dumps(issuers))
    return load_for_web()


def test_without_the_setting_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(Settings).oidc_issuers == ()
    monkeypatch.setenv("ANB_OIDC_ISSUERS", "")
    assert load(Settings).oidc_issuers == ()


def test_a_list_is_read_with_careful_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    (club,) = loaded(monkeypatch, CLUB).oidc_issuers
    assert (club.key, club.name, club.issuer, club.client_id) == ("club", "El club", "https://id.club.example", "anb")
    assert club.client_secret.get_secret_value() == "very-s3cret"
    assert (club.trust_mfa, club.trust_email) == (False, False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": "El club"}, "pattern"),
        ({"key": ""}, "pattern"),
        ({"name": ""}, "at least 1"),
        ({"issuer": "http://id.club.example"}, "must begin with https://"),
        ({"issuer": "https://user:pass@id.club.example"}, "must begin with https://"),
        ({"issuer": "https://id.club.example?x=1"}, "must begin with https://"),
        ({"issuer": "https://id.club.example#x"}, "must begin with https://"),
        ({"issuer": "https://id.club.example:0"}, "must begin with https://"),
        ({"issuer": "https://id club.example"}, "must begin with https://"),
        ({"issuer": "https://"}, "must begin with https://"),
        ({"issuer": "https://[::1"}, "must begin with https://"),
        ({"client_secret": ""}, "at least 1"),
        ({"client_secert": "very-s3cret"}, "not permitted"),
        ({"issuer": "https://login.microsoftonline.com/common/v2.0", "trust_email": True}, "any tenant"),
    ],
)
def test_a_wrong_issuer_is_refused_without_its_secret(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(WrongSetting, match="ANB_OIDC_ISSUERS") as wrong:
        loaded(monkeypatch, CLUB | change)
    assert reason in str(wrong.value)
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize("text", ["{", "7", '"x"', "[7]", "[[", "{}x", "null"])
def test_something_else_than_a_list_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ANB_OIDC_ISSUERS", text)
    with pytest.raises(WrongSetting, match="ANB_OIDC_ISSUERS"):
        load(Settings)


@pytest.mark.parametrize("twice", ["key", "issuer"])
def test_two_issuers_differ(monkeypatch: pytest.MonkeyPatch, twice: str) -> None:
    other = {**CLUB, "key": "other", "issuer": "https://id.other.example"}
    with pytest.raises(WrongSetting, match=f"two issuers have the same {twice}"):
        loaded(monkeypatch, CLUB, other | {twice: CLUB[twice]})


def test_issuers_need_an_address_to_send_people_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANB_PUBLIC_URL")
    with pytest.raises(WrongSetting, match="ANB_PUBLIC_URL: Field required"):
        loaded(monkeypatch, CLUB)


def test_the_command_that_shows_settings_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(monkeypatch, CLUB)
    shown = CliRunner().invoke(cli.app, ["config"])
    assert shown.exit_code == 0
    assert "id.club.example" in shown.output.replace("\n", "").replace(" ", "").replace("│", "")
    assert "s3cret" not in shown.output


@pytest.mark.parametrize("url", ["http://localhost:9400", "http://127.0.0.1:9400", "http://[::1]:9400"])
def test_an_issuer_on_this_machine_needs_no_certificate(url: str) -> None:
    assert is_safe(url)


def test_without_issuers_no_process_loads_their_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("authlib", "anb.adapters.openid"))]:
        monkeypatch.delitem(sys.modules, name)
    assert bootstrap.build_issuers(load(Settings)) is None
    assert not [name for name in sys.modules if name.startswith(("authlib", "anb.adapters.openid"))]


def test_with_issuers_there_is_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bootstrap.build_issuers(loaded(monkeypatch, CLUB)) is not None
