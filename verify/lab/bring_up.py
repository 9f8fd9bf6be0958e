"""Brings the lab up as an operator does on AWS: deploy the template, publish a release, wait for the hosts."""

import shutil
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.aws.template import synthesise
from deploy.hosts import bundle, definitions, publish
from deploy.hosts.bundle import Bundle
from deploy.hosts.digest import sha256_of
from deploy.hosts.facts import ROLES

from verify.lab import authority, cloud, deployment, image, kernel, names, network
from verify.lab.addresses import DATABASE, MAIL, MAIL_NAME
from verify.lab.host_client import HostFailed
from verify.lab.process_registry import ProcessRegistry
from verify.lab.site import LabHost, LabSite
from verify.lab.workspace import ROOT, CannotStand, LabWorkspace

ENDING_SECONDS = 5
CONVERGE_SECONDS = 600
Say = Callable[[str], None]


@dataclass
class StepTimer:
    """Prints the duration of each step."""

    say: Say
    begun: float

    def step(self, what: str) -> None:
        """Report that a step is done."""
        now = time.monotonic()
        self.say(f"{what}: {now - self.begun:.0f} s")
        self.begun = now


def raise_lab(workspace: LabWorkspace, settings: Mapping[str, str], say: Say) -> LabSite:
    """Create everything and wait until every host is set up. Raises HostFailed, CannotStand."""
    watch = StepTimer(say, time.monotonic())
    lower(workspace)
    ca = authority.found(workspace.cache / "authority", cloud.NAMES)
    packages = {package for role in ROLES for package in definitions.packages(role)}
    with ThreadPoolExecutor() as together:
        template = together.submit(synthesise)
        building = together.submit(bundled, workspace)
        booted = kernel.obtain(workspace.cache, say)
        disk = together.submit(image.build, image.define(packages, ca.certificate, booted), workspace.cache)
        site = LabSite(workspace.standing, disk.result(), booted)
        watch.step("image, template and bundle")
        _networks(site, ca)
        with network.within("gateway"):
            deployment.wait()
            deployment.stand(template.result(), settings)
            machines = deployment.machines()
            known = deployment.facts_of(next(machine for machine in machines if machine.role == "web"))
            # moto ignores conditions: it would apply a deny for requests without TLS to all requests.
            deployment.client("s3").delete_bucket_policy(Bucket=known.bucket)
            publish.publish(building.result(), known.bucket, deployment.client("s3"))
            machines.append(deployment.database(known))
            deployment.certify_database(*authority.certified(ca, "database", known.database_host))
            site.ways = deployment.ways()
    site.known = {"bucket": known.bucket, "release": building.result().release}
    site.parts.start("names", "gateway", names.command({known.database_host: DATABASE, MAIL_NAME: MAIL.address}))
    watch.step("template deployed, release published")
    for machine in machines:
        site.boot(machine)
    await_converged(site, [machine.name for machine in machines], say)
    watch.step("hosts up")
    return site


def bundled(workspace: LabWorkspace, root: Path = ROOT, release: str | None = None) -> Bundle:
    """Return the bundle of a checkout, built if the cache has none of this commit."""
    folder = workspace.cache / "bundles"
    called = release or bundle.release_of(root)
    kept = folder / f"anb-{called}.tar.gz"
    if kept.exists():
        return Bundle(called, kept, sha256_of(kept))
    for old in folder.glob("anb-*.tar.gz"):
        old.unlink()
    return bundle.build(folder, called, root)


def await_converged(site: LabSite, hosts: Iterable[str], say: Say, seconds: float = CONVERGE_SECONDS) -> None:
    """Wait until hosts are set up; print how long each took. Raises HostFailed."""
    begun, left = time.monotonic(), set(hosts)
    while left:
        for name in sorted(left):
            if site.line(name).try_run("test -e /var/lib/anb/converged").code == 0:
                say(f"  {name} is up after {time.monotonic() - begun:.0f} s")
                left.discard(name)
        if time.monotonic() - begun > seconds:
            raise HostFailed(f"not up after {seconds:g} s: {_why(site, sorted(left))}")
        time.sleep(1)


def lower(workspace: LabWorkspace) -> None:
    """Stop and remove a running or interrupted lab. Raises CannotStand."""
    ProcessRegistry.of(workspace.standing).stop_all()
    deadline = time.monotonic() + ENDING_SECONDS
    while (others := network.inhabitants()) and time.monotonic() < deadline:
        time.sleep(0.1)  # children of a part may still be ending
    if others:
        raise CannotStand(
            f"another lab is running on this machine (process {others[0]}, another LAB_DIR)"
            ", and only one can run at a time: run make lab-down there first"
        )
    network.remove()
    shutil.rmtree(workspace.standing, ignore_errors=True)


def start_machine(site: LabSite, machine: LabHost, say: Say) -> None:
    """Boot one more host and wait until it is set up."""
    site.boot(machine)
    await_converged(site, [machine.name], say)


def _networks(site: LabSite, ca: authority.Authority) -> None:
    network.make()
    site.parts.start("cloud", "gateway", [sys.executable, "-m", "verify.lab.cloud", *ca.served, ca.certificate])
    pair = authority.issued(ca, "mail", MAIL_NAME)
    site.parts.start("mail", "mail", [sys.executable, "-m", "verify.lab.mail_catcher", site.folder, *pair])


def _why(site: LabSite, hosts: list[str]) -> str:
    journals = [site.line(name).try_run("journalctl -u anb-provision -n 8 --no-pager -o cat") for name in hosts]
    return "\n".join(f"{name}: {done.out or done.err}" for name, done in zip(hosts, journals, strict=True))
