"""Each of our units is hardened, by systemd's own score."""

import shutil
import subprocess
from pathlib import Path

import pytest
from deploy.hosts import converge, exposure, web
from deploy.hosts.definitions import HOSTS
from deploy.hosts.facts import ROLES, Role
from deploy.hosts.machine import CannotConverge, Machine

from anb.cli.serve import CONNECTIONS
from support.hosts import FACTS, machine, secrets

SYSTEMD = shutil.which("systemd-analyze")


@pytest.fixture
def units(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a host's units."""
    monkeypatch.setattr(web, "answers", lambda *_: True)
    host, _ = machine(tmp_path)
    host.at("/opt/anb/releases/r1").mkdir(parents=True)
    converge.converge(host, FACTS[request.param], secrets(), "r1")
    return host.at("/etc/systemd/system")


@pytest.mark.skipif(SYSTEMD is None, reason="systemd is not here to ask")
@pytest.mark.parametrize(("units", "role"), [(role, role) for role in ROLES], indirect=["units"])
class TestExposure:
    def test_no_unit_reaches_more_than_was_decided(self, units: Path, role: Role) -> None:
        for unit in exposure.UNITS[role]:
            written = units / unit
            if not written.exists():
                continue  # Debian's own unit with our additions: judged where Debian's unit is
            instance = units / unit.replace("@.", "@any.")
            instance.write_text(written.read_text(encoding="utf-8"), encoding="utf-8")

            def ask(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
                return subprocess.run([*command[:-1], f"./{command[-1]}"], cwd=units, **options)  # type: ignore[call-overload,no-any-return]  # noqa: PLW1510 - among them

            assert exposure.measure(Machine(start=ask), unit) <= exposure.MOST[unit], unit

    def test_every_service_that_runs_has_its_most(self, units: Path, role: Role) -> None:
        services = {unit for unit in HOSTS[role].units if unit.endswith(".service")}
        assert services <= set(exposure.UNITS[role]) <= set(exposure.MOST)
        ours = {path.name for path in units.glob("*.service") if path.is_file()}
        assert ours <= set(exposure.UNITS[role])


@pytest.mark.parametrize(
    ("units", "unit"), [("web", "anb-uploads@.service"), ("worker", "anb-worker.service")], indirect=["units"]
)
def test_the_units_that_edit_or_probe_leave_bubblewrap_what_it_needs(units: Path, unit: str) -> None:
    lines = (units / unit).read_text(encoding="utf-8").splitlines()
    assert "RestrictNamespaces=cgroup ipc mnt net pid user uts" in lines
    assert "SystemCallFilter=@system-service @mount sethostname" in lines
    assert not {"ProtectHostname=yes", "RestrictSUIDSGID=yes"} & set(lines)


@pytest.mark.parametrize("units", ["web"], indirect=True)
def test_open_files_are_not_what_keeps_a_crowd_out(units: Path) -> None:
    """A connection is a file, and a request may need another one: systemd's own limit of 1,024 is far too low."""
    for unit in ("anb-web@.service", "anb-uploads@.service", "anb-streams.service", "anb-nginx.service"):
        lines = (units / unit).read_text(encoding="utf-8").splitlines()
        (most,) = [int(line.partition("=")[2]) for line in lines if line.startswith("LimitNOFILE=")]
        assert most >= 2 * CONNECTIONS, unit


@pytest.mark.parametrize("units", ["web"], indirect=True)
def test_the_web_application_knows_who_takes_uploads_in_its_instance(units: Path) -> None:
    place = "ANB_UPLOAD_SOCKET=/run/anb/uploads-%i.sock"
    for unit in ("anb-web@.service", "anb-uploads@.service"):
        assert place in (units / unit).read_text(encoding="utf-8"), unit


def test_a_unit_that_systemd_does_not_know_is_no_success(tmp_path: Path) -> None:
    host, _ = machine(tmp_path)
    with pytest.raises(CannotConverge, match=r"says nothing of anb-x.service"):
        exposure.measure(host, "anb-x.service")
