"""Compare what is locked with published advisories, where they can be reached; say plainly what was not audited.

What is found is a failure, and so is what was not audited (a plane, a closed network), unless a person took that upon
themselves in `unaudited.toml`, until a date. A result without findings counts for a day and for the same lock files.
"""

import hashlib
import json
import subprocess
import sys
import time
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WAIVER = HERE / "unaudited.toml"
LOCKS = ("run",)  # the other lock files are parts of it, or tools
DAY = 24 * 3600
SECONDS = 60  # that the registry may take


def main() -> int:
    """Audit the lock files; return 1 for known vulnerabilities."""
    digest = hashlib.sha256(b"".join((HERE / f"{lock}.txt").read_bytes() for lock in LOCKS)).hexdigest()
    stamp = Path(sys.executable).parents[1] / ".audited"
    if stamp.is_file() and stamp.read_text() == digest and time.time() - stamp.stat().st_mtime < DAY:
        return 0
    said = [one for lock in LOCKS for one in _asked(HERE / f"{lock}.txt")]
    found = sorted({f"{one['name']} {one['version']}: {vuln['id']}" for one in said for vuln in one.get("vulns", [])})
    unaudited = sorted({str(one.get("name")) for one in said if "vulns" not in one})
    for line in found:
        print(f"advisory: {line}")
    if unaudited:
        print(f"Advisories: UNAUDITED ({len(unaudited)} not found: {', '.join(unaudited[:4])} ...)")
        return int(bool(found) or not _is_waived(datetime.now(UTC).date()))
    if not found:
        stamp.write_text(digest)
        print("Advisories: none known for what is locked.")
    return int(bool(found))


def _is_waived(today: date) -> bool:
    """Say whether a person decided that nothing is audited, and until when."""
    waiver = tomllib.loads(WAIVER.read_text(encoding="utf-8")) if WAIVER.is_file() else {}
    if not waiver:
        print(f"No waiver is valid: audit where advisories can be reached, or write {WAIVER.name}.")
        return False
    standing = bool(today <= waiver["until"])
    print(f"{WAIVER.name}: {waiver['because']} Until {waiver['until']}{'' if standing else ', which is over'}.")
    return standing


def _asked(lock: Path) -> list[dict[str, Any]]:
    """Ask about each package of a lock file."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--no-deps"]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "5"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=SECONDS, check=False)
        known: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return [{"name": f"all of {lock.name}"}]
    return known


if __name__ == "__main__":
    sys.exit(main())
