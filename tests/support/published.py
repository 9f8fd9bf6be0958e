"""What others generate programs from: the API's document and its Postman collection, as last written.

Sentences are left out, because they may be improved at any time: the record keeps only that there is one.
After an intended change, `tests/generated_docs.py` writes both anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anb.web.postman import collection
from support.description import document

KNOWN = Path(__file__).parent / "known"
WIDTH = 160  # of a line, without its place in the document
HERE = "…"  # replaces a sentence
SENTENCES = ("description", "summary", "title", "detail")


def published() -> dict[str, list[str]]:
    """Return a line for each part of what is published, by the name of its file."""
    api = dict(document())
    postman = collection(api)
    api["info"] = api["info"] | {"version": "of the release"}
    return {"openapi.txt": _lines(_without_sentences(api)), "postman.txt": _lines(_without_sentences(postman))}


def known() -> dict[str, list[str]]:
    """Return the same lines as they were last written."""
    return {path.name: path.read_text(encoding="utf-8").splitlines() for path in KNOWN.glob("*.txt")}


def _lines(node: object, place: str = "") -> list[str]:
    """Write a document as a line for each part that fits into one."""
    said = json.dumps(node, ensure_ascii=False)
    if len(said) <= WIDTH or not isinstance(node, dict | list):
        return [f"{place.strip()} = {said}"]
    parts: Any = node.items() if isinstance(node, dict) else enumerate(node)
    return [line for name, part in parts if part != HERE for line in _lines(part, f"{place} {name}")]


def _without_sentences(node: object) -> object:
    if isinstance(node, Mapping):
        if set(node) == {"application/problem+json"}:
            return " ".join(node["application/problem+json"].get("examples", ()))  # each follows from its code
        return {name: HERE if _is_sentence(name, part) else _without_sentences(part) for name, part in node.items()}
    return [_without_sentences(part) for part in node] if isinstance(node, list) else node


def _is_sentence(name: object, value: object) -> bool:
    return name in SENTENCES and isinstance(value, str) and bool(value)
