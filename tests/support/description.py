"""The OpenAPI document as linters read it, checked by Redocly and Spectral once per document and set of rules."""

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from anb import app as application
from anb.settings import Settings, load
from support import node

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools" / "openapi"


def document() -> Mapping[str, Any]:
    """Return the document, from the code alone."""
    settings = load(
        Settings,
        database_url="postgresql://nobody@localhost/none",
        redis_url="redis://localhost",
        media_root="/nowhere",
        secret_key="only the description of the API is wanted",
    )
    return application.build(settings).openapi()


def findings() -> Iterator[str]:
    """Yield the linters' findings; nothing for a document that they have checked before."""
    text = json.dumps(document(), ensure_ascii=False, indent=1)
    rules = b"".join(path.read_bytes() for path in sorted(TOOLS.iterdir()) if path.is_file())
    judged = Path(node.CACHE, f"judged-{hashlib.sha256(text.encode() + rules).hexdigest()[:24]}")
    if judged.exists():
        return
    found = list(_lint(text, node.installed(TOOLS)))
    if not found:
        judged.touch()
    yield from found


def _lint(text: str, tools: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "openapi.json")
        written.write_text(text, encoding="utf-8")
        programs = tools / "node_modules" / ".bin"
        for command in (
            [programs / "redocly", "lint", "--config", TOOLS / "redocly.yaml", "--format=stylish", written],
            [
                programs / "spectral",
                "lint",
                "--ruleset",
                TOOLS / "spectral.yaml",
                "--fail-severity=hint",
                "--quiet",
                written,
            ],
        ):
            done = subprocess.run(
                [str(part) for part in command],
                cwd=tools,
                env=node.environment() | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                yield from (done.stdout + done.stderr).splitlines()
