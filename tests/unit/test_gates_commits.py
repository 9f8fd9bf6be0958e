"""New commits have a short, imperative subject; older ones are not checked."""

import os
import subprocess
from pathlib import Path

import pytest

import commits

AUTHOR = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
LONG = "Say " + "x" * 68  # 72 characters


@pytest.fixture(autouse=True)
def _as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in (AUTHOR | {"GIT_CONFIG_GLOBAL": os.devnull}).items():
        monkeypatch.setenv(name, value)


class Repository:
    """A repository of empty commits."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.since = folder / "checkout", folder / "since.txt"
        self.since.write_text("0" * 40, encoding="ascii")
        self.folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", self.folder, *words], check=True, capture_output=True, text=True)  # noqa: S607
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def judged(self) -> int:
        return commits.main(self.folder, self.since)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.mark.parametrize(
    "message",
    [LONG, "Feed the queue", "Docs: say how long CI takes", "Bring engines\n\nPreviously they were added.", "Read `x`"],
)
def test_a_short_order_is_taken(message: str) -> None:
    assert list(commits.faults(message)) == []


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (LONG + "x", "73 characters"),
        ("say it", "no capital"),
        ("Say it.", "ends with a period"),
        ("Added a page", "no order: added"),
        ("Adding a page", "no order: adding"),
        ("Docs: fixed a link", "no order: fixed"),
        ("Say it\nand why", "no empty line"),
    ],
)
def test_anything_else_is_refused_with_its_reason(message: str, said: str) -> None:
    (fault,) = commits.faults(message)
    assert said in fault


def test_what_the_remote_has_is_not_judged(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.git("update-ref", "refs/remotes/origin/main", repository.commit("an old one."))
    assert repository.judged() == 0
    bad = repository.commit("Fixed it")
    assert repository.judged() == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"commit {bad[:7]}: its subject is no order: fixed"


def test_without_a_remote_the_file_says_what_is_new(repository: Repository) -> None:
    repository.since.write_text(repository.commit("an old one.") + "\n", encoding="ascii")
    repository.commit("Say it")
    assert repository.judged() == 0
    repository.commit("said it")
    assert repository.judged() == 1


def test_a_history_that_is_cut_off_is_said_to_be(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.commit("an old one.")
    assert repository.judged() == 0
    assert "NOT CHECKED" in capsys.readouterr().out


def test_a_merge_is_not_judged(repository: Repository) -> None:
    repository.since.write_text(repository.commit("an old one."), encoding="ascii")
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("Say it")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "side", "-m", "merged by a host.")
    assert repository.judged() == 0
