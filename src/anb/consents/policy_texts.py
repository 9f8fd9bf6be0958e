"""The versions of the data policy: files of this package, one folder a version, one file a language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from anb.sentences import DEFAULT, Language
from anb.settings import Settings

FOLDER = Path(__file__).with_name("policy")
VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, or a list."""

    kind: Literal["heading", "paragraph", "list"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PolicyText:
    """A version of the data policy in one language, as people read it."""

    version: str
    language: Language
    title: str
    blocks: tuple[Block, ...]
    digest: str  # SHA-256 of the whole text


def versions() -> tuple[str, ...]:
    """Return the versions, the newest first."""
    return _versions(FOLDER)


def current_version() -> str:
    """Return the version in force."""
    return versions()[0]


def policy_text(settings: Settings, version: str, language: Language) -> PolicyText:
    """Return a version that exists, in a language, or in the default one if it was not written in that language."""
    texts = _texts(FOLDER / version)
    written = language if language in texts else DEFAULT
    text = texts[written].format(
        version=version,
        wait_days=settings.consent_wait_days,
        controller_name=settings.controller_name,
        controller_id=settings.controller_id,
        controller_address=settings.controller_address,
        controller_email=settings.controller_email,
        controller_phone=settings.controller_phone,
    )
    title, *rest = (part.strip() for part in re.split(r"\n{2,}", text.strip()))
    blocks = tuple(map(_block, rest))
    return PolicyText(version, written, title.removeprefix("# "), blocks, sha256(text.encode()).hexdigest())


def _block(part: str) -> Block:
    if part.startswith("## "):
        return Block("heading", (part.removeprefix("## "),))
    if part.startswith("- "):
        return Block("list", tuple(line.removeprefix("- ") for line in part.splitlines()))
    return Block("paragraph", (part,))


@cache
def _versions(folder: Path) -> tuple[str, ...]:
    return tuple(sorted((each.name for each in folder.iterdir() if VERSION.fullmatch(each.name)), reverse=True))


@cache
def _texts(folder: Path) -> Mapping[Language, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
