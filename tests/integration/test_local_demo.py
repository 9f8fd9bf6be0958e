"""The first-run demo, against the site that all tests share."""

import io
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from rich.console import Console

from anb.local import data_folder
from anb.local import demo as demos
from anb.local.data_folder import LocalSecrets
from anb.local.demo import Demo
from anb.local.plan import StackPlan
from anb.local.terminal import Show
from anb.settings import StackSettings
from support.site import Site, the_site
from support.waiting import until

SECRETS = LocalSecrets("", "", "", "", "", "", "a password of the demo player")


@pytest.fixture(scope="module")
def site() -> Site:
    return the_site()


class Run:
    """A demo in a data folder of its own, and its output."""

    def __init__(self, site: Site, place: Path, **limits: float) -> None:
        settings = StackSettings.model_validate({"http_port": urlsplit(site.url).port, **limits})
        self.said = io.StringIO()
        self.folder = data_folder.prepare(place)
        show = Show(Console(file=self.said, width=200))
        self.demo = Demo(StackPlan(settings, self.folder, SECRETS), show)

    def to_its_end(self, seconds: float = 60) -> str:
        self.demo.begin()
        until(lambda: not self.demo.is_running(), seconds, told=self.said.getvalue)
        return self.said.getvalue()

    @property
    def was_done(self) -> bool:
        return (self.folder.root / "demo.done").exists()


class TestDemo:
    @pytest.mark.slow  # takes the same path as the journey test
    def test_it_ends_with_the_address_of_an_edit_that_plays_and_is_run_once(self, site: Site, tmp_path: Path) -> None:
        run = Run(site, tmp_path / "var", clip_min_seconds=2, clip_max_seconds=8)
        said = run.to_its_end()
        assert run.was_done, said
        times = next(line for line in said.splitlines() if "wait in queue" in line)
        assert [word for word in times.split() if word.isalpha() and word != "s"] == [
            *("draw", "upload", "wait", "in", "queue", "edit"),
        ]
        address = said.splitlines()[-1].split()[-1]
        assert httpx.get(address).status_code == 200
        video_id = address.rpartition("/")[2]
        assert httpx.get(f"{site.url}/api/videos/{video_id}/processed").headers["content-type"] == "video/mp4"
        assert Run(site, tmp_path / "var").to_its_end() == ""

    @pytest.mark.slow  # a stack of its own
    def test_a_refusal_is_told_and_the_demo_runs_again_next_time(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(demos, "EMAIL", "demo-refused@example.com")
        run = Run(site, tmp_path / "var", clip_min_seconds=9, clip_max_seconds=9)
        said = run.to_its_end()
        assert "The demo did not finish, and runs again next time: /api/videos/upload answered 400: " in said
        assert not run.was_done

    @pytest.mark.slow  # a site of its own
    def test_it_is_cut_short_when_the_stack_stops(
        self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(demos, "EMAIL", "demo-cut@example.com")
        run = Run(site, tmp_path / "var", clip_min_seconds=58)
        run.demo.begin()
        run.demo.end()
        assert "cut short" in run.said.getvalue()
        assert not run.demo.is_running()
        assert not run.was_done
