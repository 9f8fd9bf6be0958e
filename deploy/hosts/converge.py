"""Brings a host to the state that its facts describe, changing only what differs, or ends with the reason why not."""

import os
import shutil

from deploy.hosts import application, baseline, certificate, database, share, streams, valkey, web, worker
from deploy.hosts.definitions import CURRENT, RELEASES, STATE
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine
from deploy.hosts.secrets import HostSecrets

KEPT = 3  # releases that stay on the host, for downgrades


def converge(machine: Machine, facts: Facts, secrets: HostSecrets, release: str) -> None:
    """Set up the host. Raises CannotConverge."""
    machine.say(f"this is a {facts.role} host; release {release}")
    baseline.converge(machine, facts, release)
    match facts.role:
        case "web":
            application.compile_modules(machine, facts, release)
            application.write_settings(machine, facts, secrets)
            share.declare(machine, facts)
            instance = web.install(machine, release)
            share.mount(machine, facts)
            application.migrate(machine, release, "--first-season")
            streams.converge(machine, release)
            web.take_over(machine, facts, instance)
            certificate.keep_asking(machine, facts)
            certificate.obtain(machine, facts)
        case "worker":
            application.compile_modules(machine, facts, release)
            application.write_settings(machine, facts, secrets)
            share.declare(machine, facts)
            share.mount(machine, facts)
            application.migrate(machine, release)
            worker.converge(machine, release)
        case "file":
            share.export(machine)
            valkey.converge(machine, facts, secrets)
        case "database":
            database.converge(machine, secrets, release)
    baseline.watch(machine)
    point(machine, release)
    prune(machine, release)
    machine.put(f"{STATE}/converged", f"{release}\n")
    machine.say(f"done: release {release}")


def point(machine: Machine, release: str) -> None:
    """Make a release the current one."""
    machine.link(CURRENT, f"{RELEASES}/{release}")


def prune(machine: Machine, release: str) -> None:
    """Remove all releases except the newest few and those in use."""
    used = {release} | {link.readlink().name for link in machine.at(web.INSTANCES).glob("*")}
    folders = [path for path in machine.at(RELEASES).iterdir() if path.is_dir() and not path.name.startswith(".")]
    idle = sorted((path for path in folders if path.name not in used), key=os.path.getmtime, reverse=True)
    for path in idle[KEPT - 1 :]:
        machine.say(f"removing release {path.name}")
        shutil.rmtree(path)
