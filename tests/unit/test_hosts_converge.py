"""A host becomes what its facts say: everything at first, and only the differences after that."""

import os
from pathlib import Path

import pytest
from deploy.hosts import authorities, baseline, converge, services, share, web
from deploy.hosts.definitions import COUNT, HOSTS, MAIL, MOST_MEMORY, OWNER, SECRETS
from deploy.hosts.facts import ROLES, Role
from deploy.hosts.machine import CannotConverge
from deploy.hosts.worker import WORKERS

from support.hosts import AUTHORITY, FACTS, KEY, LOG_KEY, PASSWORD, QUEUE, Listening, System, files, machine, secrets

RELEASE = "1.0.0-aaaaaaaa"


def made(role: Role, root: Path, release: str = RELEASE) -> tuple[Listening, System]:
    host, system = machine(root)
    again(host, role, release)
    return host, system


def again(host: Listening, role: Role, release: str = RELEASE) -> None:
    host.at(f"/opt/anb/releases/{release}").mkdir(parents=True, exist_ok=True)
    host.changed.clear()
    converge.converge(host, FACTS[role], secrets(), release)


@pytest.fixture(autouse=True)
def web_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "answers", lambda *_: True)


@pytest.mark.parametrize("role", ROLES)
class TestEachRole:
    def test_it_becomes_what_its_facts_say(self, role: Role, tmp_path: Path) -> None:
        host, system = made(role, tmp_path)
        assert host.at("/var/lib/anb/converged").read_text() == f"{RELEASE}\n"
        assert str(host.at("/opt/anb/current").readlink()) == f"/opt/anb/releases/{RELEASE}"
        enabled = {command[-1] for command in system.ran("systemctl", "enable")}
        assert "anb-metrics.service" in enabled

    def test_a_second_time_it_changes_and_restarts_nothing(self, role: Role, tmp_path: Path) -> None:
        host, system = made(role, tmp_path)
        system.installed.update(HOSTS[role].packages)
        system.commands.clear()
        again(host, role)
        assert host.changed == []
        assert not [c for c in system.commands if c[:2] in (["systemctl", "restart"], ["systemctl", "reload"])]
        assert not system.ran("apt-get")

    def test_no_secret_is_in_a_command_or_said_and_files_with_one_are_roots(self, role: Role, tmp_path: Path) -> None:
        host, system = made(role, tmp_path)
        spoken = "\n".join([*host.lines, *(" ".join(command) for command in system.commands)])
        application = secrets().application()["password"]
        places = (
            (KEY, {SECRETS}),
            (LOG_KEY, {COUNT}),
            (QUEUE, {SECRETS}),
            (application, {SECRETS, MAIL}),
            (PASSWORD, {OWNER}),
        )
        for secret, known in places:
            assert secret not in spoken
            for path, text in files(tmp_path):
                if secret in text:
                    assert path in known
                    assert host.at(path).stat().st_mode & 0o777 == 0o600

    def test_its_units_fit_into_its_memory(self, role: Role) -> None:
        assert sum(HOSTS[role].memory.values()) <= MOST_MEMORY

    def test_every_unit_with_a_budget_is_held_to_it(self, role: Role, tmp_path: Path) -> None:
        host, _ = made(role, tmp_path)
        for unit, memory in HOSTS[role].memory.items():
            place = host.at(f"/etc/systemd/system/{unit}")
            text = (place if place.exists() else place.with_name(f"{unit}.d") / "anb.conf").read_text()
            assert f"MemoryMax={memory}" in text, unit


class TestLeastPrivilege:
    @pytest.mark.parametrize("role", ["worker", "file", "database"])
    def test_the_key_that_signs_is_on_the_web_server_alone(self, role: Role, tmp_path: Path) -> None:
        host, _ = machine(tmp_path)
        host.at(f"/opt/anb/releases/{RELEASE}").mkdir(parents=True)
        known = secrets()
        converge.converge(host, FACTS[role], known, RELEASE)
        assert "anb/secret-key" not in known._known  # not even asked for
        assert not [path for path, text in files(tmp_path) if KEY in text]

    def test_the_key_of_the_log_of_votes_reaches_the_reconciler_alone(self, tmp_path: Path) -> None:
        made("worker", tmp_path)
        assert LOG_KEY in dict(files(tmp_path))[COUNT]
        given = [path for path, text in files(tmp_path) if path.startswith("/etc/systemd") and COUNT in text]
        assert given == ["/etc/systemd/system/anb-reconcile.service"]

    @pytest.mark.parametrize("role", ["web", "file", "database"])
    def test_no_other_host_asks_for_it(self, role: Role, tmp_path: Path) -> None:
        host, _ = machine(tmp_path)
        host.at(f"/opt/anb/releases/{RELEASE}").mkdir(parents=True)
        known = secrets()
        converge.converge(host, FACTS[role], known, RELEASE)
        assert "anb/vote-log-key" not in known._known

    @pytest.mark.parametrize("role", ["web", "worker"])
    def test_no_unit_is_given_the_owner_of_the_database(self, role: Role, tmp_path: Path) -> None:
        made(role, tmp_path)
        assert not [path for path, text in files(tmp_path) if path.startswith("/etc/systemd") and OWNER in text]


class TestAuthorities:
    def test_those_of_the_last_time_serve_while_they_cannot_be_fetched(self, tmp_path: Path) -> None:
        host, system = made("web", tmp_path)
        system.answers["python3 -c"] = lambda _: (1, "")
        authorities.converge(host, FACTS["web"])
        assert host.at(authorities.PLACE).read_text() == AUTHORITY
        assert "stay as they were" in host.lines[-1]

    @pytest.mark.parametrize("answer", [(1, ""), (0, "<html>welcome to this network</html>")])
    def test_without_any_no_process_starts(self, answer: tuple[int, str], tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        system.answers["python3 -c"] = lambda _: answer
        with pytest.raises(CannotConverge, match="us-east-1-bundle"):
            authorities.converge(host, FACTS["web"])


class TestRestarts:
    def test_another_release_restarts_what_is_of_it_once(self, tmp_path: Path) -> None:
        host, system = made("worker", tmp_path)
        system.commands.clear()
        again(host, "worker", "1.0.1-bbbbbbbb")
        restarted = [command[-1] for command in system.ran("systemctl", "restart")]
        assert restarted == [*WORKERS, "anb-metrics.service"]

    def test_a_release_whose_migration_fails_is_not_what_a_reboot_starts(self, tmp_path: Path) -> None:
        host, system = made("worker", tmp_path)
        system.answers["/usr/local/bin/anb migrate"] = lambda _: (1, "the database does not answer")
        host.wait = lambda *_: (_ for _ in ()).throw(CannotConverge("in vain"))  # type: ignore[method-assign]
        with pytest.raises(CannotConverge):
            again(host, "worker", "1.0.1-bbbbbbbb")
        assert RELEASE in host.at("/etc/systemd/system/anb-worker.service").read_text()
        assert str(host.at("/opt/anb/current").readlink()).endswith(RELEASE)

    def test_the_queue_and_the_share_go_on_through_another_release(self, tmp_path: Path) -> None:
        host, system = made("file", tmp_path)
        system.commands.clear()
        again(host, "file", "1.0.1-bbbbbbbb")
        assert [command[-1] for command in system.ran("systemctl", "restart")] == ["anb-metrics.service"]

    def test_units_are_read_once_for_all(self, tmp_path: Path) -> None:
        _, system = made("worker", tmp_path)
        assert len(system.ran("systemctl", "daemon-reload")) <= 2
        assert all("--no-reload" in command for command in system.ran("systemctl", "enable", "--quiet"))

    def test_a_restart_that_was_cut_short_is_made_good_the_next_time(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        path = services.install(host, "anb-metrics.service", release="r1", memory=1)
        services.settle(host, "anb-metrics.service", [path])
        host.put(path, "another\n")
        system.answers["systemctl restart"] = lambda _: (1, "killed")
        with pytest.raises(CannotConverge):
            services.settle(host, "anb-metrics.service", [path])
        del system.answers["systemctl restart"]
        system.commands.clear()
        services.settle(host, "anb-metrics.service", [path])
        assert system.ran("systemctl", "restart", "anb-metrics.service")

    def test_what_cannot_be_ends_with_its_reason(self, tmp_path: Path) -> None:
        host, system = machine(tmp_path)
        system.answers["apt-get"] = lambda _: (100, "")
        with pytest.raises(CannotConverge, match=r"apt-get .* ended with 100"):
            baseline.install_packages(host, ["nginx"])
        assert not host.at("/usr/sbin/policy-rc.d").exists()


class TestShare:
    def test_what_is_mounted_is_not_ours_to_change(self, tmp_path: Path) -> None:
        host, _ = machine(tmp_path)
        host.folder("/srv/anb", 0o711)
        share.declare(host, FACTS["web"])
        assert host.at("/srv/anb").stat().st_mode & 0o777 == 0o711


class TestReleases:
    def test_the_newest_stay_to_go_back_to(self, tmp_path: Path) -> None:
        host, _ = machine(tmp_path)
        for number in range(1, 7):
            host.at(f"/opt/anb/releases/r{number}").mkdir(parents=True)
            os.utime(host.at(f"/opt/anb/releases/r{number}"), (number, number))
        converge.prune(host, "r6")
        assert sorted(path.name for path in host.at("/opt/anb/releases").iterdir()) == ["r4", "r5", "r6"]
