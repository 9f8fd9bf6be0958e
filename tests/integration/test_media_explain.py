"""`anb media explain` on real files, with the real prober in its sandbox."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from anb.cli import app
from support.clips import HLG, Clip, draw

SMALL = Clip(seconds=1, width=640, height=360, audio=True)


@pytest.fixture(autouse=True)
def nothing_runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANB_DATABASE_URL", "ANB_REDIS_URL", "ANB_MEDIA_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANB_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ANB_WORK_DIR", str(tmp_path / "work"))
    monkeypatch.setenv("ANB_PROBE_SECONDS", "60")  # a busy machine must not fail the test


def explained(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["media", "explain", str(path), *options])


class TestExplain:
    def test_a_refused_clip_ends_with_1_and_shows_what_the_player_reads(self) -> None:
        done = explained(draw(SMALL))
        assert done.exit_code == 1
        assert "refused (resolution-too-low)" in done.output
        assert "es: Tu video mide 640 por 360 píxeles" in done.output
        assert "en: Your video measures 640 by 360 pixels" in done.output
        assert "track 1: audio aac" in done.output
        assert "number 1 is dropped (audio, aac)" in done.output

    def test_an_accepted_clip_ends_with_0(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANB_CLIP_MIN_SIDE", "360")
        monkeypatch.setenv("ANB_CLIP_MIN_SECONDS", "1")
        done = explained(draw(SMALL), "--command")
        assert done.exit_code == 0
        assert "accepted" in done.output.splitlines()[0]
        assert "Run 1 of FFmpeg" in done.output
        assert "-filter_complex" in done.output

    def test_programs_read_json(self) -> None:
        found = json.loads(explained(draw(replace(HLG, seconds=1, width=640, height=360)), "--json").output)
        assert (found["accepted"], found["refusal"]["code"]) == (False, "resolution-too-low")
        assert {rule["rule"]: rule["passed"] for rule in found["rules"]}["shorter side"] is False
        assert found["facts"]["transfer"] == "arib-std-b67"
        assert any("looked up in the table of HLG" in each["does"] for each in found["decisions"])
        assert found["commands"][0][0] == "ffmpeg"

    def test_a_file_that_holds_no_video_is_refused_with_what_the_prober_found(self, tmp_path: Path) -> None:
        noise = tmp_path / "noise.mp4"
        noise.write_bytes(b"not a video at all")
        done = explained(noise)
        assert done.exit_code == 1
        assert "neither MP4, MOV nor WebM by its first bytes" in done.output

    def test_what_cannot_be_found_out_ends_with_2(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert explained(tmp_path / "nowhere.mp4").exit_code == 2
        monkeypatch.setenv("ANB_PROBES", "many")
        assert explained(draw(SMALL)).exit_code == 2

    def test_a_file_larger_than_an_upload_may_be_is_refused_for_that_first(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANB_UPLOAD_MAX_BYTES", "1000")
        output = explained(draw(SMALL)).output
        assert "refused (too-many-bytes)" in output
        assert re.search(r"es: Tu subida pesa 0,\d MB; un archivo puede pesar hasta 0 MB\.", output)
