"""Chooses the tests that could notice a mutant: those that ran its lines, the nearest and quickest first."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

from verify.mutation.mutants import SOURCE, Mutant, module_name, owner_of

# These start a platform or another process, which would not contain the mutant.
_NOT_THESE = ("tests/acceptance/", "tests/browser/", "tests/aws/")
# Tests that examine every subclass of a class. A class body runs when its module is imported, usually before any test,
# and these tests name no subclass: no coverage context connects the two.
WALKED = {
    "Refusal": ("tests/unit/test_refusals_known.py::test_each_refusal_has_the_status_and_the_code_that_programs_know",),
    "StrEnum": ("tests/unit/test_stored_words.py::test_each_word_is_the_one_that_rows_and_programs_know",),
}
# Names in an endpoint's decorator or signature appear in the OpenAPI document, which is made without calling it.
PUBLISHED = tuple(
    f"tests/unit/test_web_published.py::test_what_is_published_is_what_was_looked_at_last[{name}.txt]"
    for name in ("openapi", "postman")
)
_ROUTES = {"get", "post", "put", "patch", "delete", "head", "options", "api_route"}


class Contexts:
    """The data of `--cov-context=test`: for each line of each module, the tests that ran it."""

    def __init__(self, kept: Path) -> None:
        data = CoverageData(str(kept))
        data.read()
        self._lines: dict[str, dict[int, list[str]]] = {}
        # How much else a test runs: a test that runs little else is about this line.
        self._breadth: Counter[str] = Counter()
        for name in data.measured_files():
            path = Path(name)
            if SOURCE in path.parents:
                lines = {line: _tests(contexts) for line, contexts in data.contexts_by_lineno(name).items()}
                self._lines[module_name(path)] = lines
                self._breadth.update(test for tests in lines.values() for test in tests)
        if not self._breadth:
            raise SystemExit(f"{kept} contains no tests: create it with --cov-context=test")

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that could notice it, the most specific first."""
        owner = mutant.owner
        ran: set[str] = set() if owner else self._that_ran(mutant)
        if not ran:
            # Code that runs at import has its effect through the code that names it.
            owner = owner or function_of(_text(mutant.module), mutant.line)
            ran = self._by_name(owner) | self._in_class(mutant.module, owner) if owner else set()
        walking = walkers_of(owner) if owner else ()
        first = [*walking, *(test for test in PUBLISHED if test in ran)]
        package = mutant.module.split(".")[1]
        near_first = sorted(ran, key=lambda test: (f"test_{package}_" not in test, self._breadth[test], test))
        return [*first, *(test for test in near_first if test not in first)]

    def _that_ran(self, mutant: Mutant) -> set[str]:
        """Return the tests that ran a line, or the function whose signature contains it."""
        lines, text = self._lines.get(mutant.module, {}), _text(mutant.module)
        acting, _ = _acts_in(text, mutant.line)
        if ran := {test for line in acting for test in lines.get(line, [])}:
            return ran
        # Coverage reports a change within a statement of several lines at its first line.
        near = max((line for line in lines if line <= mutant.line and lines[line]), default=0)
        return set(lines.get(near, [])) if function_of(text, near) == function_of(text, mutant.line) else set()

    def _in_class(self, module: str, name: str) -> set[str]:
        """Return the tests that ran any code of a class."""
        lines = self._lines.get(module, {})
        return {test for line in lines if owner_of(_text(module), line) == name for test in lines[line]}

    def _by_name(self, wanted: str) -> set[str]:
        """Return the tests of code that names a constant or a class, whose own line ran before any test.

        If that code is another constant or class, return the tests of code that names it. A name in a signature or a
        decorator has its effect whenever the function runs.
        """
        ran: set[str] = set()
        known, left = {wanted}, [wanted]
        while left:
            name = re.compile(rf"\b{re.escape(left.pop())}\b")
            for module, lines in self._lines.items():
                text = _text(module)
                for number, line in enumerate(text.splitlines(), 1):
                    if not name.search(line):
                        continue
                    acting, published = _acts_in(text, number)
                    tests = {test for one in acting for test in lines.get(one, [])}
                    ran |= tests | (set(PUBLISHED) if published else set())
                    # A function that ran at import alone acts through whatever names it, as they do.
                    at_import = number in lines and not tests
                    owner = owner_of(text, number) or (function_of(text, number) if at_import else None)
                    if owner is not None and owner not in known:
                        known.add(owner)
                        left.append(owner)
        return ran

    def unrun(self, module: str) -> bool:
        """Return whether no test ran any code of a module."""
        return not any(self._lines.get(module, {}).values())


def walkers_of(name: str) -> tuple[str, ...]:
    """Return the tests that examine every subclass, for a class with such a base."""
    kinds, found = _bases(SOURCE), {name}
    while more := {base for one in found for base in kinds.get(one, ())} - found:
        found |= more
    return tuple(test for kind, tests in WALKED.items() if kind in found for test in tests)


@cache
def _bases(source: Path) -> Mapping[str, set[str]]:
    """Return the base classes of each of our classes. No two of our classes have the same name."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((source / "anb").rglob("*.py"))]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return {made.name: {base.id for base in made.bases if isinstance(base, ast.Name)} for made in classes}


def function_of(code: str, number: int) -> str | None:
    """Return the name of the innermost function whose body contains a line."""
    within = [function for function in _functions(code) if number in function.body]
    return max(within, key=lambda function: function.body.start).name if within else None


def _acts_in(code: str, number: int) -> tuple[range, bool]:
    """Return the lines that run because of a line's content, and whether the OpenAPI document contains it."""
    for function in _functions(code):
        if number in function.head:
            return function.body, function.is_endpoint
    return range(number, number + 1), False


class _Function(NamedTuple):
    name: str
    head: range  # decorators and signature
    body: range
    is_endpoint: bool


@cache
def _functions(code: str) -> list[_Function]:
    functions = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        _Function(
            node.name,
            range(min(part.lineno for part in (node, *node.decorator_list)), node.body[0].lineno),
            range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1),
            any(
                ast.unparse(made_by).partition("(")[0].rpartition(".")[2] in _ROUTES for made_by in node.decorator_list
            ),
        )
        for node in functions
    ]


def _text(module: str) -> str:
    return SOURCE.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")


def _tests(contexts: Iterable[str]) -> list[str]:
    """Return the tests named by contexts such as `tests/unit/test_x.py::test_y|run`."""
    tests = {context.partition("|")[0] for context in contexts if context}
    return sorted(test for test in tests if not test.startswith(_NOT_THESE))


def by_file(tests: Iterable[str]) -> Mapping[str, list[str]]:
    """Return tests by file."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        files[test.partition("::")[0]].append(test)
    return files
