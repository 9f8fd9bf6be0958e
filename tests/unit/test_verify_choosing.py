"""Which tests are run for a mutant: those that ran its line, and those whose lines no coverage context records."""

import ast
from pathlib import Path

import pytest
from coverage import CoverageData
from verify.mutation import choosing, mutants
from verify.mutation.choosing import PUBLISHED, WALKED, Contexts, walkers_of
from verify.mutation.mutants import ROOT, Mutant

KEYS = '''"""Keys."""

KEY = "X-Key"


def worded(name: str) -> str:
    """Word."""
    return name.upper()


def described(name: str) -> dict[str, str]:
    """Describe."""
    return {"name": worded(name)}


KEYS = described(
    KEY
)
'''
API = '''"""A door."""

from anb.web.keys import KEY


@cache
def find(
    key: str = KEY,
) -> str:
    """Find."""
    kept = key.lower()
    return kept.join(
        ["a", "b"],
    )


@router.get("/", tags=KEYS)
def other() -> None:
    print("nothing")
'''


@pytest.fixture
def contexts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Contexts:
    for module in (choosing, mutants):
        monkeypatch.setattr(module, "SOURCE", tmp_path)
    paths = {name: tmp_path / "anb" / "web" / f"{name}.py" for name in ("keys", "api")}
    paths["api"].parent.mkdir(parents=True)
    for path, text in zip(paths.values(), (KEYS, API), strict=True):
        path.write_text(text, encoding="utf-8")
    data = CoverageData(str(tmp_path / "contexts"))
    for test, line in (("finds", "    kept = key.lower()"), ("ends", "    return kept.join("), ("asks", "    print")):
        data.set_context(f"tests/unit/test_web_{test}.py::test_it|run")
        data.add_lines({str(paths["api"]): [line_of(API, line)]})
    data.set_context("")
    data.add_lines({str(paths["keys"]): range(1, KEYS.count("\n") + 1)})
    data.write()
    return Contexts(tmp_path / "contexts")


def line_of(text: str, begins: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(begins))


def asked(contexts: Contexts, module: str, begins: str, owner: str | None = None) -> list[str]:
    line = line_of({"keys": KEYS, "api": API}[module], begins)
    found = contexts.of(Mutant(f"anb.web.{module}", line, owner, "", "", ""))
    return [test.removeprefix("tests/unit/test_web_").removesuffix(".py::test_it") for test in found]


class TestAsked:
    def test_whoever_ran_the_line(self, contexts: Contexts) -> None:
        assert asked(contexts, "api", "    kept = key.lower()") == ["finds"]

    def test_within_a_statement_of_several_lines_whoever_ran_its_first(self, contexts: Contexts) -> None:
        assert asked(contexts, "api", '        ["a", "b"],') == ["ends"]

    def test_of_a_signature_whoever_ran_the_function(self, contexts: Contexts) -> None:
        assert asked(contexts, "api", "    key: str = KEY,") == ["ends", "finds"]

    def test_of_a_constant_in_a_signature_the_same_and_of_one_that_names_it(self, contexts: Contexts) -> None:
        assert {"ends", "finds"} <= set(asked(contexts, "keys", "KEY = ", "KEY"))

    def test_of_what_an_endpoint_is_described_with_also_whoever_reads_the_document(self, contexts: Contexts) -> None:
        published = [test.removeprefix("tests/unit/test_web_") for test in PUBLISHED]
        assert asked(contexts, "keys", "KEYS = ", "KEYS") == [*published, "asks"]

    def test_of_a_function_that_runs_at_import_whoever_runs_what_it_made(self, contexts: Contexts) -> None:
        assert "asks" in asked(contexts, "keys", '    return {"name": worded(name)}')
        assert "asks" in asked(contexts, "keys", "    return name.upper()")

    def test_what_nobody_ran_is_no_matter_of_the_function_before(self, contexts: Contexts) -> None:
        assert contexts.of(Mutant("anb.web.api", API.count("\n") + 5, None, "", "", "")) == []


class TestWalked:
    def test_what_a_refusal_says_is_asked_of_whoever_looks_at_every_refusal(self) -> None:
        assert walkers_of("SeasonClosed") == WALKED["Refusal"]

    def test_a_class_below_another_refusal_is_one_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            choosing, "_bases", lambda _source: {"TooLate": {"Late"}, "Late": {"Refusal"}, "Refusal": set()}
        )
        assert walkers_of("TooLate") == WALKED["Refusal"]

    def test_nobody_looks_at_every_class_of_another_kind(self) -> None:
        assert walkers_of("UnitOfWork") == ()

    def test_they_are_asked_first_though_no_context_names_them(
        self, contexts: Contexts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(choosing, "_bases", lambda _source: {"KEY": {"Refusal"}})
        found = contexts.of(Mutant("anb.web.keys", 3, "KEY", 'KEY = "X-Key"', 'KEY = ""', ""))
        assert found[0] == WALKED["Refusal"][0]
        assert len(found) > 1

    @pytest.mark.parametrize("test", [*PUBLISHED, *(test for tests in WALKED.values() for test in tests)])
    def test_they_are_there(self, test: str) -> None:
        path, name = test.partition("[")[0].split("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
