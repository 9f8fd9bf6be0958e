"""The process that sends mails: on the worker, with a database and a mail server and nothing else."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from deploy.hosts import application, converge, database, ses, web
from deploy.hosts.definitions import MAIL, SECRETS
from deploy.hosts.secrets import HostSecrets

from anb.settings import read_env_file
from anb.settings.mail import SenderSettings
from support.hosts import FACTS, KEY, QUEUE, machine, secrets

SERVER = {
    "ANB_SMTP_URL": "smtp://email-smtp.us-east-1.amazonaws.com:587",
    "ANB_MAIL_FROM": "ANB <no-reply@anb.example>",
}
WORKER = replace(FACTS["worker"], public_url="https://anb.example", settings=SERVER, smtp_login=True)


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "answers", lambda *_: True)


def test_it_gets_what_it_needs_and_no_key_queue_or_share() -> None:
    known = application.mail_settings(WORKER, secrets())
    assert set(known) == {
        "ANB_DATABASE_URL", "ANB_PUBLIC_URL", "ANB_LOG_FORMAT", "ANB_MAIL_SENDERS", "ANB_SMTP_URL", "ANB_MAIL_FROM",
        "ANB_SMTP_USER", "ANB_SMTP_PASSWORD",
    }  # fmt: skip
    settings = SenderSettings.model_validate({name.removeprefix("ANB_").lower(): text for name, text in known.items()})
    assert settings.can_send
    assert settings.mail_senders == database.MAIL_POOL
    assert not [text for text in known.values() if KEY in text or QUEUE in text]


def test_only_its_own_file_has_the_password_and_the_unit_reads_no_other(tmp_path: Path) -> None:
    host, _ = machine(tmp_path)
    host.at("/opt/anb/releases/r1").mkdir(parents=True)
    converge.converge(host, WORKER, secrets(), "r1")
    assert "smtp-s3cret" in host.at(MAIL).read_text(encoding="utf-8")
    assert host.at(MAIL).stat().st_mode & 0o777 == 0o600
    shared = read_env_file(host.at(SECRETS))
    assert "ANB_SMTP_PASSWORD" not in shared
    assert "ANB_SMTP_URL" in shared  # pages say whether mails can be sent
    unit = host.at("/etc/systemd/system/anb-mail.service").read_text(encoding="utf-8")
    assert [line for line in unit.splitlines() if line.startswith("EnvironmentFile")] == [f"EnvironmentFile={MAIL}"]
    assert "ReadWritePaths" not in unit


def test_without_a_mail_server_mails_are_held() -> None:
    known = application.mail_settings(FACTS["worker"], secrets())
    assert not SenderSettings.model_validate(
        {name.removeprefix("ANB_").lower(): text for name, text in known.items()}
    ).can_send


def test_no_other_host_has_the_file(tmp_path: Path) -> None:
    host, _ = machine(tmp_path)
    host.at("/opt/anb/releases/r1").mkdir(parents=True)
    converge.converge(host, replace(WORKER, role="web"), secrets(), "r1")
    assert not host.at(MAIL).exists()


class TestSes:
    SES = replace(WORKER, ses=True, smtp_login=False, settings={}, domain="anb.example", region="eu-west-1")

    def test_the_mail_server_is_of_the_region_and_the_sender_of_the_domain(self) -> None:
        known = application.mail_settings(self.SES, HostSecrets(AccessKey()))
        assert known["ANB_SMTP_URL"] == "smtp://email-smtp.eu-west-1.amazonaws.com:587"
        assert known["ANB_MAIL_FROM"] == "no-reply@anb.example"
        assert known["ANB_SMTP_USER"] == "AKIAEXAMPLE"
        assert known["ANB_SMTP_PASSWORD"] == ses.smtp_password("secret-part", "eu-west-1")
        assert "secret-part" not in str(known)

    def test_the_password_is_of_version_4_and_of_one_region(self) -> None:
        first, second = (base64.b64decode(ses.smtp_password("secret-part", one)) for one in ("eu-west-1", "us-east-1"))
        assert first != second
        assert {len(first), len(second)} == {33}
        assert first[0] == second[0] == 4


class AccessKey:
    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803 - boto3's name
        smtp = '{"username": "AKIAEXAMPLE", "access_key": "secret-part"}'
        known = {"anb/smtp": smtp, "anb/queue": "q", "anb/database": '{"password": "p"}'}
        return {"SecretString": known[SecretId]}
