"""Hostile files end in a refusal or a clean edit, within limits; no other file is read, called or left behind.

The daily suite takes a part of those that reach out and of the others; `make fuzz` takes them all, and `make test-slow`
those that reach out without walls.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.hostile.case import Bait
from support.hostile.corpus import ALL, DAILY, REACHING
from support.hostile.trial import EDIT_SECONDS, PROBE_SECONDS, SandboxProbe, sandbox_probe

# A process that looks like a probe, and lives until the process that started it closes its input.
LIKE_A_PROBE = [sys.executable, "-c", "print('runs', flush=True); input()", "probe_child.py"]
# Starts such a probe when told to, as a product does that the whole test run shares.
LIKE_A_PRODUCT = [sys.executable, "-c", f"input(); import subprocess; subprocess.run({LIKE_A_PROBE!r})"]
# A probe, its start included; then the edit and two more probes.
LONGEST_SECONDS = EDIT_SECONDS + 3 * (PROBE_SECONDS + 2)


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProbe]:
    with sandbox_probe(tmp_path_factory.mktemp("walled")) as made:
        yield made


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProbe]:
    """A probe without walls: only the allowed demuxers, whitelists and limits protect us."""
    with sandbox_probe(tmp_path_factory.mktemp("bare"), "off") as made:
        yield made


def test_the_corpus_is_large() -> None:
    assert len(ALL) >= 250
    assert len(DAILY) >= 20
    assert len(REACHING) >= 30


@pytest.mark.parametrize("name", DAILY)
def test_it_ends_in_a_refusal_or_a_clean_edit(walled: SandboxProbe, name: str) -> None:
    outcome = walled.put_through(ALL[name])
    assert outcome.verdict in {"refused", "edited"}
    assert outcome.seconds < LONGEST_SECONDS
    assert (outcome.touched, outcome.called, outcome.left) == (set(), 0, [])


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * bool(place % 4)) for place, name in enumerate(REACHING)]
)
def test_it_reaches_nothing_even_where_there_are_no_walls(bare: SandboxProbe, name: str) -> None:
    outcome = bare.put_through(REACHING[name])
    assert (outcome.touched, outcome.called, outcome.left) == (set(), 0, [])


@pytest.mark.parametrize("name", ["scripts/hls-file", "scripts/ffconcat-file", "scripts/hls-in-free", "scripts/svg"])
def test_a_script_is_no_video(walled: SandboxProbe, name: str) -> None:
    outcome = walled.put_through(ALL[name])
    assert (outcome.verdict, outcome.why.partition(":")[0]) == ("refused", "not-a-video")


@pytest.mark.parametrize("name", ["codecs/rare-magicyuv", "codecs/rare-ffv1", "codecs/h264-called-M8RG"])
def test_a_decoder_that_no_phone_needs_is_not_opened(walled: SandboxProbe, name: str) -> None:
    outcome = walled.put_through(ALL[name])
    assert (outcome.verdict, outcome.why.partition(":")[0]) == ("refused", "unsupported-codec")


@pytest.mark.parametrize(
    "name",
    ["-i", "a b;c'd\"e%d%s.mp4", "file:decoy.mp4", "ñandú\n🏀.mp4", "x" * 250],
)
def test_a_strange_name_is_only_a_name(walled: SandboxProbe, name: str) -> None:
    outcome = walled.put_through(ALL["extras/font-with-a-path"], name)
    assert (outcome.verdict, outcome.touched, outcome.left) == ("edited", set(), [])


def test_a_process_left_behind_is_seen(bare: SandboxProbe) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def make(path: Path, _: Bait) -> None:
        path.write_bytes(b"")
        started.append(_begun(LIKE_A_PROBE))
        _read_line(started[0])

    outcome = bare.put_through(make)
    started[0].communicate()
    assert [f"pid={started[0].pid}," in left for left in outcome.left] == [True]


def test_what_others_do_meanwhile_is_not_left_behind(bare: SandboxProbe) -> None:
    product = _begun(LIKE_A_PRODUCT)

    def make(path: Path, _: Bait) -> None:
        path.write_bytes(b"")
        assert product.stdin
        product.stdin.write(b"go\n")
        product.stdin.flush()
        _read_line(product)

    outcome = bare.put_through(make)
    product.communicate()
    assert outcome.left == []


def _begun(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _read_line(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout
    assert process.stdout.readline() == b"runs\n"
