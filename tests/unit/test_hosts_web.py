"""A deployment of the web: the new process answers before nginx asks it, and the old one ends with its last upload."""

from dataclasses import replace
from pathlib import Path

import pytest
from deploy.hosts import application, certificate, web
from deploy.hosts.application import settings
from deploy.hosts.definitions import HOSTS
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge

from anb.engines.nginx_program import MODULES
from support.hosts import FACTS, Listening, System, machine, secrets
from support.hosts import machine as new_machine

DOMAIN = Facts("web", "b", "us-east-1", "172.31.0.3", "db", domain="anb.example", contact="it@anb.example")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Listening, System]:
    monkeypatch.setattr(web, "answers", lambda *_: True)
    host, system = new_machine(tmp_path)
    host.put("/etc/anb/anb.env", "ANB_A=1\n")
    deploy(host, "r1")
    return host, system


def deploy(host: Listening, release: str) -> None:
    instance = web.install(host, release)
    application.migrate(host, release, "--first-season")
    web.take_over(host, FACTS["web"], instance)


def instances(system: System) -> list[str]:
    return sorted(unit for unit in system.active if unit.startswith("anb-web@"))


def takers(system: System) -> list[str]:
    return sorted(unit for unit in system.active if unit.startswith("anb-uploads@"))


def asked(host: Listening, who: str = "web") -> str:
    text = host.at(web.CONFIGURATION).read_text()
    return text.partition(f'server "unix:/run/anb/{who}-')[2].partition(".sock")[0]


class TestTakingOver:
    def test_migrations_come_first_then_the_process_then_nginx_then_the_end_of_the_old(
        self, made: tuple[Listening, System]
    ) -> None:
        host, system = made
        (old,) = instances(system)
        system.commands.clear()
        deploy(host, "r2")
        (new,) = instances(system)
        order = [" ".join(command) for command in system.commands]
        steps = ["/usr/local/bin/anb migrate --first-season", f"systemctl restart {new}",
                 f"systemctl reload {web.NGINX}", f"systemctl stop --no-block {old}"]  # fmt: skip
        assert [step for step in order if step in steps] == steps
        assert new == f"anb-web@{asked(host)}.service"

    def test_who_takes_uploads_takes_over_with_the_web_process_of_the_same_name(
        self, made: tuple[Listening, System]
    ) -> None:
        host, system = made
        (old,) = takers(system)
        system.commands.clear()
        deploy(host, "r2")
        (new,) = takers(system)
        order = [" ".join(command) for command in system.commands]
        steps = [f"systemctl restart {new}", f"systemctl reload {web.NGINX}", f"systemctl disable --quiet {old}",
                 f"systemctl stop --no-block {old}"]  # fmt: skip
        assert [step for step in order if step in steps] == steps
        assert new == f"anb-uploads@{asked(host, 'uploads')}.service"
        assert asked(host, "uploads") == asked(host)

    def test_a_web_process_from_before_there_were_two_ends_with_its_last_upload(
        self, made: tuple[Listening, System]
    ) -> None:
        host, system = made
        before = "anb-web@r0.0a1b2c3d.service"  # it takes uploads itself, and has an hour to end
        system.active.add(before)
        deploy(host, "r2")
        assert system.ran("systemctl", "stop", "--no-block", before)
        assert before not in instances(system)
        unit = host.at("/etc/systemd/system/anb-web@.service").read_text()
        assert f"TimeoutStopSec={application.LONGEST_UPLOAD}" in unit
        assert f"MemoryMax={HOSTS['web'].memory[web.SLICE] // 2}" in unit

    def test_a_release_stays_while_uploads_to_it_go_on(self, made: tuple[Listening, System]) -> None:
        host, system = made
        old = asked(host)
        system.answers["systemctl stop"] = lambda _: (0, "")  # told to stop, but still running
        system.active.discard(f"anb-web@{old}.service")  # its pages end at once
        deploy(host, "r2")
        assert host.at(f"/opt/anb/web/{old}").is_symlink()

    def test_nginx_loads_the_compression_that_debian_brought(self, made: tuple[Listening, System]) -> None:
        host, _ = made
        assert "load_module" not in host.at(web.CONFIGURATION).read_text()
        assert "libnginx-mod-http-brotli-filter" in HOSTS["web"].packages
        module = MODULES / "ngx_http_brotli_filter_module.so"
        host.put(str(module), "")
        deploy(host, "r2")
        text = host.at(web.CONFIGURATION).read_text()
        assert f'load_module "{module}";' in text
        assert "brotli on;" in text

    def test_what_nginx_took_just_before_still_finds_the_old_one(self, made: tuple[Listening, System]) -> None:
        host, system = made
        (old,) = instances(system)
        running: list[bool] = []
        host.pause = lambda _: running.append(old in system.active)
        deploy(host, "r2")
        assert running == [True]
        assert old not in system.active

    @pytest.mark.parametrize("silent", ["web", "uploads"])
    def test_a_process_that_does_not_answer_never_gets_nginx(
        self, made: tuple[Listening, System], monkeypatch: pytest.MonkeyPatch, silent: str
    ) -> None:
        host, system = made
        before = asked(host)
        monkeypatch.setattr(web, "answers", lambda _, place: silent not in place)
        monkeypatch.setattr(web, "PATIENCE", -1)
        with pytest.raises(CannotConverge, match=rf"waited .* for anb-{silent}@r2"):
            deploy(host, "r2")
        assert asked(host) == asked(host, "uploads") == before
        assert f"anb-web@{before}.service" in system.active

    def test_other_settings_of_the_same_release_take_over_too(self, made: tuple[Listening, System]) -> None:
        host, system = made
        (old,) = instances(system)
        host.put("/etc/anb/anb.env", "ANB_A=2\n")
        deploy(host, "r1")
        assert instances(system) != [old]
        assert asked(host).startswith("r1.")

    def test_a_migration_that_fails_leaves_everything_as_it_was(self, made: tuple[Listening, System]) -> None:
        host, system = made
        before, running = asked(host), instances(system)
        system.answers["/usr/local/bin/anb migrate"] = lambda _: (1, "the database does not answer")
        with pytest.raises(CannotConverge, match="the database does not answer"):
            application.migrate(host, "r2", patience=-1)
        assert (asked(host), instances(system)) == (before, running)

    def test_a_process_runs_from_its_own_release_while_another_is_current(self, made: tuple[Listening, System]) -> None:
        host, _ = made
        deploy(host, "r2")
        link = host.at(f"/opt/anb/web/{asked(host)}")
        assert str(link.readlink()) == "/opt/anb/releases/r2"


class TestTls:
    def test_without_a_domain_the_certificate_is_our_own_and_its_fingerprint_is_said(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        certificate.converge(host, FACTS["web"])
        assert any("AA:BB" in line for line in host.lines)
        certificate.obtain(host, FACTS["web"])
        assert not system.ran("certbot")

    def test_browsers_are_told_to_insist_only_where_they_trust_the_certificate(self) -> None:
        assert not web.site(FACTS["web"], "i").tls.hsts  # type: ignore[union-attr]
        assert web.site(DOMAIN, "i").tls.hsts  # type: ignore[union-attr]

    def test_an_operator_may_leave_names_below_out(self) -> None:
        assert web.site(DOMAIN, "i").tls.subdomains  # type: ignore[union-attr]
        without = replace(DOMAIN, settings={"ANB_HSTS_SUBDOMAINS": "false"})
        assert not web.site(without, "i").tls.subdomains  # type: ignore[union-attr]

    def test_with_a_domain_an_authority_is_asked_and_its_refusal_stops_nothing(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        system.answers["certbot"] = lambda _: (1, "")
        certificate.converge(host, DOMAIN)
        certificate.obtain(host, DOMAIN)
        (command,) = system.ran("certbot")
        assert {"anb.example", "it@anb.example", "--webroot"} <= set(command)
        assert any("no certificate for anb.example yet" in line for line in host.lines)

    def test_it_is_asked_for_until_there_is_one_and_not_again(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        certificate.converge(host, DOMAIN)
        certificate.keep_asking(host, DOMAIN)
        assert {"anb-certificate.timer", "certbot.timer"} <= system.active
        host.put("/etc/letsencrypt/live/anb.example/fullchain.pem", "theirs")
        certificate.obtain(host, DOMAIN)
        assert not system.ran("certbot")

    def test_without_a_domain_nobody_is_asked(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        certificate.keep_asking(host, FACTS["web"])
        assert system.commands == []


def test_the_settings_fit_the_site() -> None:
    facts = Facts("web", "b", "r", "172.31.0.3", "db", settings={"ANB_UPLOAD_MAX_BYTES": "1000"})
    assert settings(facts, secrets())["ANB_UPLOAD_MAX_BYTES"] == "1000"
    assert web.site(facts, "i").upload_max_bytes == 1000
