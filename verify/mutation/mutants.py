"""The mutants of a module: its text with one change."""

import ast
import difflib
import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import libcst as cst
import libcst.matchers as m
from libcst.metadata import CodeRange, MetadataWrapper, WhitespaceInclusivePositionProvider
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.pragma_handling import get_ignored_lines

from verify.mutation.operators import OPERATORS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
# Sentences are checked by people and by the tests of texts; log lines and type annotations implement no rule.
_SENTENCES = {"es", "en", "description", "summary", "title", "example", "examples"}
_NO_RULES = {"log", "logger", "TypeVar"}
_MAKES_NO_RULE = m.Call(func=m.OneOf(*map(m.Name, sorted(_NO_RULES))))
_DOCSTRING = m.Expr(value=m.SimpleString() | m.ConcatenatedString())
_NEVER = m.ImportFrom() | m.Import() | m.Decorator() | m.Annotation() | _DOCSTRING


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    module: str  # anb.jobs.store
    line: int
    owner: str | None  # the constant or class that contains the change, if no function does
    before: str
    after: str
    text: str

    @property
    def id(self) -> str:
        """Return an id made from the change, independent of line numbers."""
        digest = hashlib.sha256(f"{self.before}\n{self.after}".encode()).hexdigest()[:8]
        return f"{self.module}:{digest}"


class _Visitor(MutationVisitor):
    """Mutmut's visitor, extended to decorated functions and module statements, which hold many of our rules."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        match node:
            case cst.FunctionDef(decorators=[_, *_]):
                return False
            case cst.Call(func=cst.Attribute(value=cst.Name(name)) | cst.Name(name)):
                skipped = name in _NO_RULES
            case cst.Arg(keyword=cst.Name(name)) | cst.AnnAssign(target=cst.Name(name)):
                skipped = name in _SENTENCES
            case cst.Assign(targets=[cst.AssignTarget(cst.Name(name))], value=value):
                skipped = name in _SENTENCES or m.matches(value, _MAKES_NO_RULE)
            case _:
                skipped = m.matches(node, _NEVER)
        return skipped or super()._skip_node_and_children(node)


def module_name(path: Path) -> str:
    """Return the name of a module from its file below src."""
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def mutants_of(path: Path) -> list[Mutant]:
    """Return every mutant of a module, without duplicates."""
    code = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(code))
    visitor = _Visitor(OPERATORS, get_ignored_lines(str(path), code, wrapper, None))
    module = wrapper.visit(visitor)
    places = wrapper.resolve(WhitespaceInclusivePositionProvider)
    found: dict[str, Mutant] = {}
    for mutation in visitor.mutations:
        if _silences(mutation.original_node, mutation.mutated_node):
            continue
        place = places[mutation.original_node]
        text = _spliced(code, place, module.code_for_node(mutation.mutated_node))
        if text != code and text not in found and _compiles(text):
            inside = isinstance(mutation.contained_by_top_level_function, cst.FunctionDef)
            owner = None if inside else owner_of(code, place.start.line)
            found[text] = Mutant(module_name(path), place.start.line, owner, *_difference(code, text), text)
    return list(found.values())


def _silences(before: cst.CSTNode, after: cst.CSTNode) -> bool:
    """Return whether a change of a call only removes a sentence."""
    if not (isinstance(before, cst.Call) and isinstance(after, cst.Call)):
        return False
    gone = [arg.keyword.value for arg in before.args if arg.keyword and not any(arg is kept for kept in after.args)]
    return bool(_SENTENCES.intersection(gone))


def _spliced(code: str, place: CodeRange, instead: str) -> str:
    """Replace a node's text: a hundred times as fast as generating the code from the tree."""
    starts = [0, *accumulate(len(line) for line in code.splitlines(keepends=True))]
    begin, end = (starts[position.line - 1] + position.column for position in (place.start, place.end))
    return code[:begin] + instead + code[end:]


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _difference(code: str, text: str) -> tuple[str, str]:
    """Return the old lines and the new ones."""
    lines = list(difflib.unified_diff(code.splitlines(), text.splitlines(), lineterm="", n=0))[3:]
    before, after = ("\n".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return before, after


def owner_of(code: str, line: int) -> str | None:
    """Return the name that a statement outside functions defines."""
    for node in _statements(code):
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            match node:
                case ast.ClassDef(name=name):
                    return name
                case (
                    ast.Assign(targets=[ast.Name(id=name), *_] | [ast.Tuple(elts=[ast.Name(id=name), *_]), *_])
                    | ast.AnnAssign(target=ast.Name(id=name))
                ):
                    return name
    return None


@cache
def _statements(code: str) -> list[ast.stmt]:
    return ast.parse(code).body
