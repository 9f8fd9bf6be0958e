"""Clients that others would generate from the OpenAPI document, each made by the tool that its users take."""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from support import node
from support.description import ROOT, document

TOOLS = ROOT / "tools" / "clients"
LOCK = ROOT / "requirements" / "clients.txt"
PACKAGE = "anb_rising_stars_client"
# Formats that its generator does not know, and how each is sent.
TYPES = dict.fromkeys(
    (
        "application/offset+octet-stream", "application/zip", "image/jpeg", "image/png", "image/webp", "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "application/octet-stream",
)  # fmt: skip


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """Run a program to its end and return its output. Raises AssertionError if it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=node.environment() | variables,
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def written(folder: Path) -> Path:
    """Write the document into a folder."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document()), encoding="utf-8")
    return path


def typescript(folder: Path) -> Path:
    """Make the TypeScript client in a folder and compile it with its journey; return the journey."""
    tools = node.installed(TOOLS)
    (folder / "node_modules").symlink_to(tools / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    programs = folder / "node_modules" / ".bin"
    run([programs / "openapi-typescript", written(folder), "-o", "schema.d.ts"], folder)
    journey = Path(shutil.copy(TOOLS / "journey.ts", folder))
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck",
               "--allowImportingTsExtensions", "--types", "node"]  # fmt: skip
    run([programs / "tsc", *options, journey], folder)
    return journey


def python(folder: Path) -> list[str | Path]:
    """Make the Python client in a folder; return the command that runs its journey."""
    interpreter = _environment() / "bin" / "python"
    configuration = folder / "generator.json"
    options = {"package_name_override": PACKAGE, "post_hooks": [], "content_type_overrides": TYPES}
    configuration.write_text(json.dumps(options), encoding="utf-8")
    run(
        [interpreter.with_name("openapi-python-client"), "generate", "--path", written(folder), "--meta", "none",
         "--output-path", folder / PACKAGE, "--config", configuration, "--fail-on-warning"],
        folder,
    )  # fmt: skip
    return [interpreter, Path(shutil.copy(TOOLS / "journey.py", folder))]


def _environment() -> Path:
    """Return an environment with what the lock names: its own, because the generator does not work with our typer."""
    place = node.CACHE / f"python-{sys.version_info.minor}-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not (place / "complete").exists():
        uv = Path(sys.executable).with_name("uv")
        node.CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
        run([uv, "venv", "--clear", "--quiet", "--python", sys.executable, place], ROOT)
        run(
            [uv, "pip", "install", "--quiet", "--require-hashes", "--python", place / "bin" / "python", "-r", LOCK],
            ROOT,
        )
        (place / "complete").touch()
    return place


def newman(collection: Path, *options: str) -> str:
    """Run a Postman collection's journey."""
    program = node.installed(TOOLS) / "node_modules" / ".bin" / "newman"
    return run(
        [program, "run", collection, "--folder", "journey", "--bail", "--color", "off", *options], collection.parent
    )


def make(folder: Path) -> None:
    """Make all clients, for `make clients`."""
    for name, made in (("typescript", typescript), ("python", python)):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
        made(folder / name)


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()).resolve())
