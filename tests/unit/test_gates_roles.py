"""A role is asked for in one way, which refuses sessions that are too weak for its acts."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard, get_args

import pytest

from anb.accounts.domain import Role
from anb.settings.factors import GuardedRole

SOURCE = Path(__file__).parents[2] / "src" / "anb"
# These give roles away, or write them down, and ask for none.
GIVERS = {"cli", "audit"}
LISTS = {"jury/store.py"}  # who has the role, for organizers
ASKED = "acts_as"


def breaches(root: Path) -> Iterator[str]:
    """Yield where a package other than accounts reads a role, or says itself how strong a session is."""
    for path in sorted(root.rglob("*.py")):
        package = path.relative_to(root).parts[0].removesuffix(".py")
        listed = str(path.relative_to(root)) in LISTS
        if package in {"accounts", *GIVERS} or listed or "versions" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        asked = {id(word) for node in ast.walk(tree) if is_guard(node) for word in node.args}
        for node in ast.walk(tree):
            if is_role(node) and id(node) not in asked:
                yield f"{path.relative_to(root)}:{node.lineno}: reads a role; ask accounts.service.{ASKED}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Actor":
                yield f"{path.relative_to(root)}:{node.lineno}: makes an Actor; take an ActorDep"


def is_guard(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == ASKED


def is_role(node: ast.AST) -> TypeGuard[ast.Attribute]:
    if not isinstance(node, ast.Attribute):
        return False
    return node.attr == "role" or (isinstance(node.value, ast.Name) and node.value.id == "Role")


def test_no_package_reads_a_role_but_by_the_guard() -> None:
    assert list(breaches(SOURCE)) == []


@pytest.mark.parametrize(
    "source",
    [
        "if account.role is Role.JUROR: count()",
        "if Role.ORGANIZER in roles: show()",
        "show(uow, Actor(caller))",
        "other(uow, actor, Role.ORGANIZER)",
    ],
)
def test_a_way_around_is_found(tmp_path: Path, source: str) -> None:
    (tmp_path / "contest").mkdir()
    (tmp_path / "contest" / "service.py").write_text(source, encoding="utf-8")
    assert list(breaches(tmp_path))


def test_the_guard_itself_is_none(tmp_path: Path) -> None:
    (tmp_path / "contest").mkdir()
    (tmp_path / "contest" / "service.py").write_text("accounts.acts_as(uow, actor, Role.JUROR)", encoding="utf-8")
    assert list(breaches(tmp_path)) == []


def test_every_role_but_the_player_s_can_be_guarded() -> None:
    assert {role.value for role in Role} - {"player"} <= set(get_args(GuardedRole))
