"""The stored results: for each module its score, the digest of its code, and the surviving mutants."""

import ast
import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import comb
from pathlib import Path
from typing import Any

from verify.kit.results import commit, machine, versions
from verify.mutation.mutants import SOURCE, Mutant
from verify.mutation.trial import MutantVerdict

KEPT = Path(__file__).parent / "results" / "scores.json"
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
GOAL = 0.85
BY_CHANCE = 1 / 200
NOTICED = (MutantVerdict.KILLED, MutantVerdict.TIMEOUT)


@dataclass(frozen=True)
class Tried:
    """A mutant and its verdict."""

    mutant: Mutant
    verdict: MutantVerdict


def equivalents() -> dict[str, str]:
    """Return the mutants listed as equivalent: id -> reason."""
    listed = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    named = (Mutant(entry["module"], 0, None, entry["before"], entry["after"], "") for entry in listed)
    return {mutant.id: entry["reason"] for mutant, entry in zip(named, listed, strict=True)}


def score(tried: Sequence[Tried]) -> float | None:
    """Return the share of noticed mutants among those that can be noticed."""
    counted = [one.verdict in NOTICED for one in tried if one.verdict is not MutantVerdict.EQUIVALENT]
    return sum(counted) / len(counted) if counted else None


def is_far_below_goal(tried: Sequence[Tried]) -> bool:
    """Say whether code at the goal would do as badly in less than one of two hundred samples."""
    counted = [one.verdict in NOTICED for one in tried if one.verdict is not MutantVerdict.EQUIVALENT]
    noticed, tries = sum(counted), len(counted)
    chance = sum(comb(tries, few) * GOAL**few * (1 - GOAL) ** (tries - few) for few in range(noticed + 1))
    return chance < BY_CHANCE


def digest(module: str) -> str:
    """Return the digest of a module's code, without comments, docstrings and layout, which no test sees."""
    path = SOURCE.joinpath(*module.split(".")).with_suffix(".py")
    if not path.exists():
        return "gone"
    return hashlib.sha256(repr(_code(ast.parse(path.read_text(encoding="utf-8")))).encode()).hexdigest()[:16]


def _code(node: object) -> object:
    """Return a syntax tree as nested lists, equal for every Python: `ast.dump` differs between versions."""
    if isinstance(node, list):
        return [_code(each) for each in node]
    if not isinstance(node, ast.AST):
        return node
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
        fields["body"] = node.body[1:]
    return [type(node).__name__, *((name, _code(value)) for name, value in fields.items() if value not in (None, []))]


def entry(tried: Sequence[Tried], mutants: int, seed: int) -> dict[str, Any]:
    """Return the result of a module's run as it is stored."""
    counts = Counter(one.verdict for one in tried)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": commit(),
        "mutants": mutants,
        "tried": len(tried),
        "seed": seed,
        **{verdict.value: counts[verdict] for verdict in MutantVerdict},
        "score": None if (share := score(tried)) is None else round(share, 4),
        "survivors": [
            {"id": one.mutant.id, "line": one.mutant.line, "before": one.mutant.before, "after": one.mutant.after,
             "verdict": one.verdict.value}
            for one in tried if one.verdict in (MutantVerdict.SURVIVED, MutantVerdict.UNRUN)
        ],
    }  # fmt: skip


def read() -> dict[str, Any]:
    """Return the stored results."""
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"modules": {}}
    return kept


def keep(module: str, found: dict[str, Any], text: str) -> None:
    """Replace a module's stored result; `text` is the digest of the mutated code."""
    kept = read()
    modules = kept["modules"] | {module: found | {"text": text}}
    counted = {state: sum(one[state] for one in modules.values()) for state in ("tried", "equivalent")}
    noticed = sum(one[verdict.value] for one in modules.values() for verdict in NOTICED)
    overall = {**counted, "noticed": noticed, "score": round(noticed / (counted["tried"] - counted["equivalent"]), 4)}
    whole = {"overall": overall, "machine": machine(), "versions": versions(), "modules": dict(sorted(modules.items()))}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def outdated(modules: Iterable[str]) -> list[str]:
    """Return the modules without a result for their present code."""
    kept = read()["modules"]
    return [module for module in modules if kept.get(module, {}).get("text") != digest(module)]
