"""The reference parts of docs/, told by the code: settings, endpoints, and everything that may be refused."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_settings import BaseSettings

from anb import app as application
from anb.errors import Refusal
from anb.settings import Limits, Settings, StackSettings, load
from anb.stack.nginx_problems import PROBLEMS


def limits() -> str:
    """Return the table of the video rules."""
    return _settings(Limits)


def process_settings() -> str:
    """Return the table of what one process of ours takes, beyond the video rules."""
    return _settings(Settings, without=Limits)


def stack_settings() -> str:
    """Return the table of what `anb up` takes, beyond the video rules."""
    return _settings(StackSettings, without=Limits)


def endpoints() -> str:
    """Return the table of the API, from its own OpenAPI document."""
    return _table(("method and path", "signed in", "success", "refusals, by code"), _endpoints(_openapi()))


def refusals() -> str:
    """Return the table of what our own code refuses."""
    kinds = sorted({(kind.status, kind.code, kind.es, kind.en) for kind in _family(Refusal)})
    return _spoken((str(status), f"`{code}`", es, en) for status, code, es, en in kinds)


def nginx_refusals() -> str:
    """Return the table of what nginx refuses by itself."""
    return _spoken((str(one.status), f"`{one.code}`", one.es, one.en) for one in PROBLEMS)


def _openapi() -> Mapping[str, Any]:
    settings = load(
        Settings,
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root="/nowhere",
        secret_key="only the description of the API is wanted",
    )
    return application.build(settings).openapi()


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
    """Yield the refusals of the API: pages have some of their own, and tests make some too."""
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
