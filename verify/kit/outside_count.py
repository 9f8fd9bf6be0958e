"""The count of votes as a stranger checks it: with checkpoints seen along the way, and the program of the site."""

import subprocess
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import httpx2 as httpx

from verify.kit.platform import ChaosPlatform

PATIENCE = 30  # seconds for an answer


class OutsideCount:
    """Checks the logs of a site with the program that it publishes, and with the checkpoints that it showed before."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._seen: dict[str, list[Path]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def look(self, slug: str) -> None:
        """Keep the present checkpoint of a season, as anybody may; nothing is kept while the site does not answer."""
        kept = self._seen.setdefault(slug, [])
        try:
            answer = httpx.get(f"{self._url}/api/public/log/{slug}/checkpoint", timeout=PATIENCE)
        except httpx.TransportError:
            return
        if answer.status_code == HTTPStatus.OK and not (kept and kept[-1].read_text("utf-8") == answer.text):
            path = self._folder / f"{slug}-{len(kept)}.checkpoint"
            path.write_text(answer.text, "utf-8")
            kept.append(path)

    def seen(self, slug: str) -> int:
        """Return how many checkpoints of a season were kept."""
        return len(self._seen.get(slug, ()))

    def differences(self, slug: str, promises: Sequence[str] = ()) -> list[str]:
        """Verify the log of a season against these checkpoints and promises; return what differs."""
        program = self._folder / "verify.py"
        if not program.exists():
            program.write_bytes(httpx.get(f"{self._url}/api/public/log/verify.py").raise_for_status().content)
        options = [f"--seen={path}" for path in self._seen.get(slug, ())]
        for number, promise in enumerate(promises):
            path = self._folder / f"{slug}-{number}.promise"
            path.write_text(promise, "utf-8")
            options.append(f"--promise={path}")
        log, folder = f"{self._url}/api/public/log/{slug}", self._folder / f"{slug}.log"
        return _said([sys.executable, str(program), f"--log={log}", f"--folder={folder}", *options])


def inside_differences(site: ChaosPlatform, *words: str) -> list[str]:
    """Run a command of `anb` that compares counts; return what differs."""
    return _said([sys.executable, "-m", "anb", *words], site.environment)


def _said(command: list[str], environment: dict[str, str] | None = None) -> list[str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines() or [f"exit code {done.returncode}"]
