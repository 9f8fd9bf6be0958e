"""The reference parts of docs/, generated from code: settings, endpoints, and every refusal."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_settings import BaseSettings

from anb.engines.nginx_problems import PROBLEMS
from anb.errors import Refusal
from anb.settings import Limits, Settings, StackSettings
from anb.streams import app as _streams  # noqa: F401 - its refusals are known once it is imported
from support.description import document


def limits() -> str:
    """Return the table of the video rules."""
    return _settings(Limits)


def process_settings() -> str:
    """Return the table of a process's settings, without the video rules."""
    return _settings(Settings, without=Limits)


def stack_settings() -> str:
    """Return the table of the settings of `anb up`, without the video rules."""
    return _settings(StackSettings, without=Limits)


def endpoints() -> str:
    """Return the table of the API, from its own OpenAPI document."""
    return _table(("method and path", "signed in", "success", "refusals, by code"), _endpoints(document()))


def refusals() -> str:
    """Return the table of our own code's refusals."""
    kinds = sorted({(kind.status, kind.code, kind.pattern("es"), kind.pattern("en")) for kind in _family(Refusal)})
    return _spoken((str(status), f"`{code}`", es, en) for status, code, es, en in kinds)


def nginx_refusals() -> str:
    """Return the table of nginx's own refusals."""
    return _spoken((str(one.status), f"`{one.code}`", *map(one.sentence.text, ("es", "en"))) for one in PROBLEMS)


def _endpoints(schema: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            fine = ", ".join(status for status in said["responses"] if status < "400")
            yield f"`{method.upper()} {path}`", "yes" if said.get("security") else "", fine, "; ".join(_refused(said))


def _refused(said: Mapping[str, Any]) -> Iterator[str]:
    for status, answer in sorted(said["responses"].items()):
        codes = [f"`{code}`" for content in answer.get("content", {}).values() for code in content.get("examples", {})]
        if status >= "400":
            yield f"{status} {', '.join(codes)}".strip()


def _family(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """Yield the refusals of the API: pages have some of their own, and tests define some, too."""
    for child in kind.__subclasses__():
        if child.__module__.startswith("anb.") and not child.__module__.startswith("anb.pages."):
            yield child
        yield from _family(child)


def _settings(kind: type[BaseSettings], without: type[BaseSettings] | None = None) -> str:
    known = without.model_fields if without else {}
    fields = {name: field for name, field in kind.model_fields.items() if name not in known}
    return _table(
        ("setting", "default", "what it is"),
        (
            (f"`ANB_{name.upper()}`", _default(field.default, needed=field.is_required()), field.description or "")
            for name, field in fields.items()
        ),
    )


def _default(value: object, *, needed: bool) -> str:
    if needed:
        return "**needed**"
    return "" if value is None else f"`{value}`"


def _spoken(rows: Iterable[tuple[str, ...]]) -> str:
    return _table(("status", "`code`", "`detail` in Spanish", "in English"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
