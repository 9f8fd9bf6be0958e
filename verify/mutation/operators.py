"""The mutations: mutmut's, and our own for SQL, which contains many of the rules."""

import re
from collections.abc import Iterable, Iterator

import libcst as cst
from mutmut.mutation import mutators

# Patterns in SQL text and their replacements. Each occurrence is a mutant.
_SQL_TEXT = [
    (r"<=", "<"),
    (r" < ", " <= "),
    (r" <> ", " = "),
    (r"\band\b", "or"),
    (r"\bnulls first\b", "nulls last"),
    (r"\bnot exists\b", "exists"),
    (r"\bmax\(", "min("),
    (r" \+ 1\b", " + 2"),
    (r"\bdesc\b", "asc"),
    (r"\bfor update skip locked\b", ""),
    (r"\bskip locked\b", ""),
    (r"\bis not null\b", "is null"),
    (r"'queued'", "'running'"),
]
# Methods and functions of SQLAlchemy, and their opposites.
_SQL_NAMES = {
    "asc": "desc",
    "desc": "asc",
    "is_": "is_not",
    "is_not": "is_",
    "in_": "not_in",
    "not_in": "in_",
    "nulls_first": "nulls_last",
    "nulls_last": "nulls_first",
    "max": "min",
    "min": "max",
    "greatest": "least",
    "least": "greatest",
    "exists": "count",
}


def text_of_sql(node: cst.SimpleString) -> Iterator[cst.SimpleString]:
    """Change one word of an SQL text."""
    if not re.search(r"\b(select|update|insert into|delete from)\b", node.value):
        return
    for pattern, instead in _SQL_TEXT:
        for found in re.finditer(pattern, node.value):
            yield node.with_changes(value=node.value[: found.start()] + instead + node.value[found.end() :])


def names_of_sql(node: cst.Attribute) -> Iterator[cst.Attribute]:
    """Replace a method by its opposite."""
    instead = _SQL_NAMES.get(node.attr.value)
    if instead:
        yield node.with_changes(attr=cst.Name(instead))


def one_change_of_text(node: cst.BaseString) -> Iterable[cst.BaseString]:
    """Change a string in one way. Mutmut has three, but a test that notices one notices all."""
    return list(mutators.operator_string(node))[:1]


OPERATORS: mutators.OPERATORS_TYPE = [
    *(
        (kind, one_change_of_text if operator is mutators.operator_string else operator)
        for kind, operator in mutators.mutation_operators
    ),
    (cst.SimpleString, text_of_sql),
    (cst.Attribute, names_of_sql),
]
