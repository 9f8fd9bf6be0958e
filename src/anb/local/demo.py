"""The demo on the first start: the main job, through nginx as for any player, with its progress on the terminal."""

import os
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from anb.errors import AnbError
from anb.local import demo_clip
from anb.local.plan import StackPlan
from anb.local.supervisor import child
from anb.local.terminal import Show

EMAIL = "demo@example.com"
POLL_SECONDS = 0.25
STATES = {"queued": "waiting in the queue", "running": "editing"}


class DemoFailed(AnbError):
    """The demo did not finish; the text says where it stopped."""


class _Ended(Exception):
    """The stack stops while the demo runs."""


class Demo:
    """Runs in a thread, so that the supervisor continues meanwhile."""

    def __init__(self, plan: StackPlan, show: Show) -> None:
        self._plan, self._show = plan, show
        limits = plan.settings
        self._seconds = min(limits.clip_min_seconds + 2, limits.clip_max_seconds)
        self._mark = plan.folder.root / "demo.done"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def begin(self) -> None:
        """Run the demo, unless it has already run on this data."""
        if not self._mark.exists():
            self._thread.start()

    def is_running(self) -> bool:
        """Say whether the demo is in progress."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Stop the demo if it still runs."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            with httpx.Client(base_url=self._plan.local, timeout=120) as client:
                self._main_job(client)
            self._mark.touch()
        except _Ended:
            self._show.line("The demo was cut short; it runs again next time")
        except (DemoFailed, httpx.HTTPError, OSError) as error:
            self._show.warn(f"The demo did not finish, and runs again next time: {error}")

    def _main_job(self, client: httpx.Client) -> None:
        clip = self._plan.folder.root / "work" / "demo.mp4"
        took = {"draw": self._draw(clip)}
        self._sign_in(client)
        begun = time.monotonic()
        with self._show.step(f"Uploading it ({clip.stat().st_size / 1e6:.1f} MB) through nginx", done="done"):
            made = self._upload(client, clip)
        took["upload"] = time.monotonic() - begun
        clip.unlink()
        job = self._follow(client, made["task_id"])
        took |= _times(job)
        self._show.line("   ".join(f"{step} {seconds:.1f} s" for step, seconds in took.items()))
        self._show.line(f"Watch the edit: {self._plan.address}/videos/{made['video_id']}", mark="▶", style="bold")

    def _draw(self, clip: Path) -> float:
        begun = time.monotonic()
        log = self._plan.folder.logs / "demo.log"
        environment = {**os.environ, child.MARK: str(self._plan.folder.root)}
        with self._show.step(f"Drawing a clip of {self._seconds:g} s with FFmpeg", done="done"):
            process = child.spawn(
                demo_clip.command(clip, self._seconds), log=log, folder=clip.parent, environment=environment
            )
            self._wait_for(process)
        if process.returncode:
            raise DemoFailed(f"FFmpeg failed; {child.last_words(log)}")
        return time.monotonic() - begun

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        try:
            while process.poll() is None:
                self._pause(0.05)
        finally:
            child.kill_group(process.pid)
            process.wait()

    def _sign_in(self, client: httpx.Client) -> None:
        """Sign in as the demo player; an earlier try may have signed up already."""
        password = self._plan.secrets.demo_password
        person = {"first_name": "Demo", "last_name": "ANB", "city": "Bogotá", "country": "Colombia", "email": EMAIL}
        signup = client.post("/api/auth/signup", json={**person, "password1": password, "password2": password})
        if signup.is_success:
            self._show.line(f"Player {EMAIL} signed up; password {password}", mark="✓", style="green")
        elif _content(signup).get("code") != "email-taken":
            _check(signup)
        token = _check(client.post("/api/auth/login", json={"email": EMAIL, "password": password}))["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"

    def _upload(self, client: httpx.Client, clip: Path) -> dict[str, Any]:
        with clip.open("rb") as file:
            answer = client.post(
                "/api/videos/upload", data={"title": "Demo"}, files={"video_file": (clip.name, file, "video/mp4")}
            )
        return _check(answer)

    def _follow(self, client: httpx.Client, task_id: str) -> dict[str, Any]:
        """Show the job's state until it is done."""
        columns = TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")
        console = self._show.console
        with Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            bar = progress.add_task("", total=100)
            while True:
                job = _check(client.get(f"/api/jobs/{task_id}"))
                progress.update(bar, completed=job["progress"], description=STATES.get(job["state"], job["state"]))
                if job["state"] == "done":
                    return job
                if job["state"] in {"failed", "cancelled"}:
                    raise DemoFailed(f"the job {job['state']}: {job.get('reason') or 'no reason given'}")
                self._pause(POLL_SECONDS)

    def _pause(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise _Ended


def _check(answer: httpx.Response) -> dict[str, Any]:
    """Return the content of an answer. Raises DemoFailed with the text of the problem."""
    content = _content(answer)
    if not answer.is_success:
        raise DemoFailed(f"{answer.request.url.path} answered {answer.status_code}: {content.get('detail')}")
    return content


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        content: dict[str, Any] = answer.json()
    except ValueError:
        raise DemoFailed(f"{answer.request.url.path} answered {answer.status_code} without JSON") from None
    return content


def _times(job: dict[str, Any]) -> dict[str, float]:
    """Return the seconds a job waited and ran."""
    created, started, finished = (
        datetime.fromisoformat(job[name]) for name in ("created_at", "started_at", "finished_at")
    )
    return {"wait in queue": (started - created).total_seconds(), "edit": (finished - started).total_seconds()}
