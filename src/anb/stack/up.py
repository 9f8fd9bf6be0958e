"""`anb up`: the whole platform on this machine, from nothing to ready, until somebody says stop."""

import os
import resource
import time
from pathlib import Path

from rich.console import Console

from anb.settings import StackSettings
from anb.stack import child, leftovers, network, sockets
from anb.stack import folder as folders
from anb.stack.demo import Demo
from anb.stack.errors import CannotStart
from anb.stack.folder import DataFolder
from anb.stack.plan import Plan, anb
from anb.stack.show import Show
from anb.stack.signals import Signals, StopAsked
from anb.stack.supervisor import Supervisor

OPEN_FILES = 65536


def run(settings: StackSettings, *, demo: bool) -> int:
    """Run the stack until it is told to stop; return the exit status. Raises CannotStart."""
    show = Show(Console())
    with Signals() as signals:
        folder = _folder(settings.data_dir)
        with folder.locked():
            for log in folder.logs.glob("*.log"):
                child.rotate(log)
            show.log_to(folder.logs / "stack.log")
            try:
                _run(settings, folder, show, signals, demo=demo)
            except (StopAsked, CannotStart):
                if not signals.stop_asked:  # else whatever failed, failed because of it
                    raise
                show.line("Stopped.")
    return 0


def _run(settings: StackSettings, folder: DataFolder, show: Show, signals: Signals, *, demo: bool) -> None:
    begun = time.monotonic()
    _clear(folder, show)
    network.check_port(settings.http_host, settings.http_port)
    _raise_limits()
    plan = Plan(settings, folder, folder.secrets())
    supervisor = Supervisor(folder.root, os.environ | plan.environment, show, signals)
    first_time = Demo(plan, show)
    try:
        _start(plan, supervisor)
        show.line(f"Ready in {time.monotonic() - begun:.1f} s: {plan.address}   (Ctrl-C stops; data in {folder.root})")
        if demo:
            first_time.begin()
        supervisor.watch()
    finally:
        first_time.end()
        with show.step("Stopping", done="done"):
            supervisor.stop()
        sockets.leave(folder.root)


def _start(plan: Plan, supervisor: Supervisor) -> None:
    plan.media_root.mkdir(parents=True, exist_ok=True)
    plan.folder.keep_environment(plan.environment)
    embedded = plan.settings.database_url is None
    if embedded and not plan.postgres.is_made():
        plan.postgres.initialise(
            lambda command: supervisor.run("Data folder of PostgreSQL", "initdb", command, plan.folder.root)
        )
    plan.postgres.clear_stale()
    supervisor.start(*plan.engines())
    if embedded:
        plan.postgres.make_database()
    supervisor.run("Database tables", "migrate", anb("migrate", "--first-season"), plan.folder.root)
    supervisor.start(*plan.ours())
    supervisor.start(plan.nginx())


def _folder(path: Path) -> DataFolder:
    try:
        return folders.prepare(path)
    except OSError as error:
        raise CannotStart(f"The data folder {path} cannot be used: {error}. Choose another ANB_DATA_DIR") from error


def _clear(folder: DataFolder, show: Show) -> None:
    """End what an earlier run that was killed has left; we hold the lock, so nobody uses it."""
    if ended := leftovers.end_all(folder.root):
        show.trouble(f"Ended {ended} processes that an earlier run had left")


def _raise_limits() -> None:
    """Take all the open files we may have: every connection is two in nginx."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
