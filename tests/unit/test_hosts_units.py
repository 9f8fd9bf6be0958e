"""Each unit of ours is walled in, as systemd itself counts it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from deploy.hosts import converge, exposure, web
from deploy.hosts.definitions import HOSTS
from deploy.hosts.facts import ROLES, Role
from deploy.hosts.machine import CannotConverge, Machine

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
                continue  # Debian's own unit with additions of ours: asked where Debian's is
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


@pytest.mark.parametrize("units", ["web", "worker"], indirect=True)
def test_the_units_that_edit_or_probe_leave_bubblewrap_what_it_needs(units: Path) -> None:
    (name,) = {"anb-web@.service", "anb-worker.service"} & {path.name for path in units.iterdir()}
    lines = (units / name).read_text(encoding="utf-8").splitlines()
    assert "RestrictNamespaces=cgroup ipc mnt net pid user uts" in lines
    assert "SystemCallFilter=@system-service @mount sethostname" in lines
    assert not {"ProtectHostname=yes", "RestrictSUIDSGID=yes"} & set(lines)


def test_a_unit_that_systemd_does_not_know_is_no_success(tmp_path: Path) -> None:
    host, _ = machine(tmp_path)
    with pytest.raises(CannotConverge, match=r"says nothing of anb-x.service"):
        exposure.measure(host, "anb-x.service")
