"""Resolve pyproject.toml into lock files with hashes and without addresses of any registry.

Without options it only completes what is there (pins stay); with --upgrade it takes newer versions; with --check it
says whether the files are still what pyproject.toml asks for.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
COMMON = ["--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate", "--quiet"]
# file -> what it resolves; each later one is held to the pins of the earlier
LOCKS = {
    "uv": ["requirements/uv.in"],
    "server": ["pyproject.toml", "--constraint", "requirements/uv.txt", "--constraint", "requirements/held.in"],
    "run": ["pyproject.toml", "--extra", "embedded", "--constraint", "requirements/server.txt"],
    "hosts": ["pyproject.toml", "--extra", "hosts", "--constraint", "requirements/run.txt"],
    "dev": ["pyproject.toml", "--extra", "embedded", "--group", "dev", "--constraint", "requirements/run.txt"],
    # Alone: it wants another typer than ours, and runs in an environment of its own (tests/support/clients.py).
    "clients": ["requirements/clients.in"],
    "aws": ["pyproject.toml", "--group", "aws", "--constraint", "requirements/dev.txt"],
    "docs": ["--group", "docs", "--constraint", "requirements/dev.txt"],
}


def resolve(name: str, target: Path, options: list[str]) -> None:
    """Write one lock file; pins that `target` already has are kept unless --upgrade is given."""
    uv = Path(sys.executable).with_name("uv")
    command = [
        str(uv),
        "pip",
        "compile",
        *LOCKS[name],
        *COMMON,
        "--python-version",
        "3.11",
        "-o",
        str(target),
        *options,
    ]
    subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)


def check() -> int:
    """Resolve again from the pins and compare; return how many files differ."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKS:
            locked = HERE / f"{name}.txt"
            fresh = Path(folder, locked.name)
            fresh.write_bytes(locked.read_bytes())
            resolve(name, fresh, [])
            if fresh.read_bytes() != locked.read_bytes():
                print(f"requirements/{locked.name} is not what pyproject.toml asks for; run requirements/lock.py")
                wrong += 1
            elif "://" in locked.read_text(encoding="utf-8"):
                print(f"requirements/{locked.name} names an address")
                wrong += 1
    return wrong


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(min(check(), 1))
    for lock in LOCKS:
        resolve(lock, HERE / f"{lock}.txt", ["--upgrade"] if "--upgrade" in sys.argv else [])
