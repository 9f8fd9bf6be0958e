"""`anb up`: start the whole platform on this machine and run it until it is told to stop."""

import os
import resource
import time
from pathlib import Path

from rich.console import Console

from anb.engines import nginx_program
from anb.engines.errors import CannotStart
from anb.local import data_folder as folders
from anb.local import mail_services, ports, sockets
from anb.local.data_folder import DataFolder
from anb.local.demo import Demo
from anb.local.mailbox.ports import read_ports
from anb.local.plan import StackPlan, anb
from anb.local.supervisor import child, leftovers
from anb.local.supervisor.signals import Signals, StopAsked
from anb.local.supervisor.supervisor import Supervisor
from anb.local.terminal import Show
from anb.settings import StackSettings

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
                if not signals.stop_asked:  # otherwise the failure is a consequence of stopping
                    raise
                show.line("Stopped.")
    return 0


def _run(settings: StackSettings, folder: DataFolder, show: Show, signals: Signals, *, demo: bool) -> None:
    begun = time.monotonic()
    _clear(folder, show)
    ports.check_port(settings.http_host, settings.http_port)
    if risk := nginx_program.risk(settings.http_host):
        show.warn(f"{risk}. {nginx_program.INSTALL}")
    _raise_limits()
    plan = StackPlan(settings, folder, folder.secrets())
    supervisor = Supervisor(folder.root, os.environ | plan.environment, show, signals)
    first_time = Demo(plan, show)
    try:
        _start(plan, supervisor)
        show.line(f"Ready in {time.monotonic() - begun:.1f} s: {plan.address}   (Ctrl-C stops; data in {folder.root})")
        if caught := read_ports(folder.root) if mail_services.has_mailbox() else None:
            show.line(f"Mails that the platform sends: {caught.page_url}")
        if demo:
            first_time.begin()
        supervisor.watch()
    finally:
        first_time.end()
        with show.step("Stopping", done="done"):
            supervisor.stop()
        sockets.leave(folder.root)


def _start(plan: StackPlan, supervisor: Supervisor) -> None:
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
    """End the processes of an earlier run that was killed; we hold the lock, so no other stack uses them."""
    if ended := leftovers.end_all(folder.root):
        show.warn(f"Ended {ended} processes that an earlier run had left")


def _raise_limits() -> None:
    """Raise the limit of open files as far as allowed: nginx needs two per connection."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
