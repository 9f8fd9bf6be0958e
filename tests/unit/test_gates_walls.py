"""`make check` is red where a package names another package's table, by import or in a string of SQL."""

from pathlib import Path

import pytest

from support import sql_walls

ROOT = Path(__file__).parents[2]


def breaches(tmp_path: Path, place: str, source: str) -> list[str]:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return [one for one in sql_walls.breaches(tmp_path) if "any more" not in one]


@pytest.mark.slow  # `make check` asks the same of every commit
def test_the_repository_keeps_its_walls() -> None:
    assert list(sql_walls.breaches(ROOT)) == []


@pytest.mark.parametrize(
    ("place", "source", "said"),
    [
        ("src/anb/jobs/store.py", "from anb.db.tables_seasons import seasons", "jobs names seasons"),
        (
            "src/anb/contest/store.py",
            "from anb.db.tables import videos\nQ = update(videos).values(votes=1)",
            "contest writes to videos",
        ),
        ("src/anb/jobs/transitions.py", "Q = text('select 1 from jobs join users using (id)')", "jobs names users"),
        ("src/anb/accounts/api.py", "from anb.db.tables_accounts import users", "tables are for a store"),
        ("deploy/hosts/dump.py", "SQL = \"DELETE FROM uploads WHERE state = 'open'\"", "deploy names uploads"),
        ("src/anb/cli/jobs.py", "SQL = f'UPDATE jobs SET state = {1}'", "cli names jobs"),
    ],
)
def test_a_name_of_anothers_table_is_found(tmp_path: Path, place: str, source: str, said: str) -> None:
    found = breaches(tmp_path, place, source)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("src/anb/jobs/store.py", "from anb.db.tables import jobs, switches"),
        ("src/anb/db/stored_responses.py", "from anb.db.tables import idempotency_keys"),
        ("src/anb/contest/store.py", "from anb.db.tables_seasons import seasons"),
        ("src/anb/jobs/service.py", '"""Wakes workers, apart from jobs that wait."""'),
        ("src/anb/db/migrations/versions/0001.py", "Q = 'UPDATE users SET role = 1'"),
    ],
)
def test_what_is_its_own_or_excepted_or_prose_is_not(tmp_path: Path, place: str, source: str) -> None:
    assert breaches(tmp_path, place, source) == []


def test_an_exception_that_nobody_needs_is_named(tmp_path: Path) -> None:
    (tmp_path / "src" / "anb").mkdir(parents=True)
    assert "contest does not name users any more" in list(sql_walls.breaches(tmp_path))


def test_every_exception_has_a_reason() -> None:
    assert all(sql_walls.EXCEPTIONS.values())
