"""`make check` is red for a test that sleeps, but not for what a child process is told."""

from pathlib import Path

import pytest

import gates


def found(folder: Path, code: str, name: str = "integration/test_x.py") -> list[str]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code, encoding="utf-8")
    return list(gates.sleeps(folder))


@pytest.mark.parametrize(
    "code",
    [
        "import time\ntime.sleep(1)",
        "import asyncio\nasync def f(): await asyncio.sleep(0)",
        "import anyio\nrest = anyio.sleep",
        "\nfrom time import sleep, monotonic",
        "page = visitor.page\npage.wait_for_timeout(1500)",
    ],
)
def test_a_sleep_is_named_by_its_place(tmp_path: Path, code: str) -> None:
    (said,) = found(tmp_path, code)
    assert said.startswith("tests/integration/test_x.py:2: sleeps")


@pytest.mark.parametrize(
    "code",
    ["SCRIPT = 'import time; time.sleep(77)'", "import time\ntime.monotonic()", "clip.sleep()", "# time.sleep(1)"],
)
def test_anything_else_is_not(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []


def test_the_helper_that_waits_may_sleep_and_no_other_file_of_its_name(tmp_path: Path) -> None:
    assert found(tmp_path, "import time\ntime.sleep(1)", "support/waiting.py") == []
    assert len(found(tmp_path, "import time\ntime.sleep(1)", "unit/waiting.py")) == 1


@pytest.mark.slow  # `make check` asks the same of every commit
def test_our_tests_do_not_sleep() -> None:
    assert list(gates.sleeps()) == []
