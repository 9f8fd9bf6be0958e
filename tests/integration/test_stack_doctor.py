"""`anb doctor` finds what is wrong, names it, and says what to do."""

import re
import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from anb.media.probe import Probe, read
from anb.media.recipe import Brand, write
from anb.settings import Limits, StackSettings, load
from anb.stack import checkup_machine, doctor, folder
from anb.stack.checkup import Checkup, Finding
from support.fakes import GOOD_CLIP
from support.stack_upstream import free_port


def findings(data: Path, **given: object) -> dict[str, Finding]:
    settings = load(StackSettings, **({"data_dir": data, "http_port": free_port()} | given))
    return {finding.part: finding for finding in doctor.examine(Checkup.of(settings))}


class TestAtRest:
    def test_before_the_first_start_nothing_fails_and_nothing_is_made(self, tmp_path: Path) -> None:
        found = findings(tmp_path / "var")
        assert {finding.state for finding in found.values()} == {"ok", "off"}
        assert found["Data folder"].advice == "`make run` makes it"
        assert not (tmp_path / "var").exists()

    def test_open_secrets_fail_with_the_command_that_mends_them(self, tmp_path: Path) -> None:
        made = folder.prepare(tmp_path / "var")
        made.secrets()
        assert findings(made.root)["Secrets"].state == "ok"
        made.secrets_file.chmod(0o640)
        found = findings(made.root)["Secrets"]
        assert (found.state, found.found) == ("fail", "secrets.json has mode 640")
        assert found.advice == f"chmod 600 '{made.secrets_file}'"

    def test_a_folder_of_another_version_fails(self, tmp_path: Path) -> None:
        (tmp_path / "layout").write_text("7", encoding="ascii")
        assert "layout '7'" in findings(tmp_path)["Data folder"].found

    def test_a_busy_port_fails(self, tmp_path: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as busy:
            found = findings(tmp_path / "var", http_port=busy.getsockname()[1])["Port"]
        assert found.state == "fail"
        assert "(taken by " in found.found


class TestOutsideParts:
    def test_each_that_does_not_answer_fails_in_a_line_without_its_password(self, tmp_path: Path) -> None:
        found = findings(
            tmp_path / "var",
            database_url=f"postgresql://anb:s3cret@127.0.0.1:{free_port()}/anb",
            redis_url=f"redis://:s3cret@127.0.0.1:{free_port()}/0",
            media_root=tmp_path / "not mounted",
        )
        assert {part for part, finding in found.items() if finding.state == "fail"} == {"PostgreSQL", "Queue", "Media"}
        assert found["Media"].advice == "Mount the share, or mend ANB_MEDIA_ROOT"
        assert "s3cret" not in repr(found)
        assert not [finding for finding in found.values() if "\n" in finding.found]

    def test_it_ends_with_an_exit_status(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        settings = StackSettings(data_dir=tmp_path / "var", http_port=free_port())
        assert doctor.run(settings) == 0
        assert doctor.run(settings.model_copy(update={"media_root": tmp_path / "none"})) == 1
        assert "is not there" in capsys.readouterr().out


class TestFfmpeg:
    def test_every_filter_of_every_recipe_is_looked_for(self) -> None:
        good: Probe = read(GOOD_CLIP)
        clips = [
            good,
            replace(good, coded_width=1080, coded_height=1920),
            replace(good, field_order="top"),
            replace(good, transfer="arib-std-b67", primaries="bt2020", matrix="bt2020nc", bits=10),
            replace(good, transfer="smpte2084", primaries="bt2020", matrix="bt2020nc", bits=10),
            replace(good, matrix="smpte170m"),
        ]
        graphs = [write(clip, Limits(), Brand.ours()).graph for clip in clips]
        used = {name for graph in graphs for name in re.findall(r"(?:^|[\],;])([a-z]\w*)(?=[=,;\[]|$)", graph)}
        assert {"tonemap", "gblur", "bwdif", "zscale", "lut3d", "tile"} <= used
        assert used <= checkup_machine.FILTERS

    def test_one_that_is_missing_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checkup_machine, "FILTERS", {"scale", "nonesuch"})
        found = findings(tmp_path / "var")["FFmpeg"]
        assert found.state == "fail"
        assert found.found.endswith("without nonesuch")
