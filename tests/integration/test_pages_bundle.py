"""The libraries of our pages: made when the package is built, included in what is built, and not made twice."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STATIC = Path("src", "anb", "pages", "static")
TAKEN = ["src", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"]
# No server listens at this address, and nothing is cached.
UNREACHABLE = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of this checkout, with its bundle."""
    place = tmp_path / "checkout"
    place.mkdir()
    for name in TAKEN:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, place / name)
    return place


def build(checkout: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    uv = Path(sys.executable).with_name("uv")
    environment = os.environ | UNREACHABLE | {"npm_config_cache": str(checkout.with_name("npm"))}
    return subprocess.run(
        [uv, "build", "--out-dir", checkout.with_name("built"), *options, checkout],
        env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_wheel_brings_the_bundle_and_needs_no_npm_where_it_is_there(checkout: Path) -> None:
    done = build(checkout)  # an sdist, and from it a wheel
    assert done.returncode == 0, done.stderr
    (wheel,) = checkout.with_name("built").glob("*.whl")
    names = {name.removeprefix("anb/pages/") for name in zipfile.ZipFile(wheel).namelist()}
    assert {"static/tus.js", "static/tus.txt", "static/redoc.js", "static/redoc.txt", "static/altcha.js"} <= names
    assert not any(name.startswith("client/") for name in names)


def test_a_bundle_of_other_sources_is_made_anew_or_says_why_not(checkout: Path) -> None:
    (checkout / STATIC / "tus.js").write_text("/*! older */\n")
    done = build(checkout, "--wheel")
    assert done.returncode != 0
    assert "npm could not install what our pages need. Is its registry reachable?" in done.stderr
    assert (checkout / STATIC / "tus.js").read_text() == "/*! older */\n"
