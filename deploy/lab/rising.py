"""Brings the lab up as an operator brings up AWS: deploy the template, publish a release, wait for the hosts."""

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
from deploy.lab import authority, cloud, deployment, fabric, image, kernel, names
from deploy.lab.addresses import DATABASE
from deploy.lab.ground import ROOT, CannotStand, Ground
from deploy.lab.line import HostFailed
from deploy.lab.parts import Parts
from deploy.lab.site import Machine, Site

ENDING_SECONDS = 5
CONVERGE_SECONDS = 600
Say = Callable[[str], None]


@dataclass
class Watch:
    """Says how long each step took."""

    say: Say
    begun: float

    def step(self, what: str) -> None:
        """Say that a step is done."""
        now = time.monotonic()
        self.say(f"{what}: {now - self.begun:.0f} s")
        self.begun = now


def raise_lab(ground: Ground, settings: Mapping[str, str], say: Say) -> Site:
    """Make everything anew and wait until every host is what its facts say. Raises HostFailed, CannotStand."""
    watch = Watch(say, time.monotonic())
    lower(ground)
    ca = authority.found(ground.cache / "authority", cloud.NAMES)
    packages = {package for role in ROLES for package in definitions.packages(role)}
    with ThreadPoolExecutor() as together:
        template = together.submit(synthesise)
        made = together.submit(bundled, ground)
        booted = kernel.obtain(ground.cache, say)
        disk = together.submit(image.build, image.define(packages, ca.certificate, booted), ground.cache)
        site = Site(ground.standing, disk.result(), booted)
        watch.step("image, template and bundle")
        _networks(site, ca)
        with fabric.within("gateway"):
            deployment.wait()
            deployment.stand(template.result(), settings)
            machines = deployment.machines()
            known = deployment.facts_of(next(machine for machine in machines if machine.role == "web"))
            # moto reads no conditions: who is denied without TLS would be denied with it.
            deployment.client("s3").delete_bucket_policy(Bucket=known.bucket)
            publish.publish(made.result(), known.bucket, deployment.client("s3"))
            machines.append(deployment.database(known))
            site.ways = deployment.ways()
    site.known = {"bucket": known.bucket, "release": made.result().release}
    site.parts.start("names", "gateway", names.command({known.database_host: DATABASE}))
    watch.step("template deployed, release published")
    for machine in machines:
        site.boot(machine)
    await_converged(site, [machine.name for machine in machines], say)
    watch.step("hosts up")
    return site


def bundled(ground: Ground, root: Path = ROOT, release: str | None = None) -> Bundle:
    """Return the bundle of a checkout, made now if the cache has none of this commit."""
    folder = ground.cache / "bundles"
    called = release or bundle.release_of(root)
    kept = folder / f"anb-{called}.tar.gz"
    if kept.exists():
        return Bundle(called, kept, sha256_of(kept))
    for old in folder.glob("anb-*.tar.gz"):
        old.unlink()
    return bundle.build(folder, called, root)


def await_converged(site: Site, hosts: Iterable[str], say: Say, seconds: float = CONVERGE_SECONDS) -> None:
    """Wait until hosts are what they are told to be; say how long each took. Raises HostFailed."""
    begun, left = time.monotonic(), set(hosts)
    while left:
        for name in sorted(left):
            if site.line(name).try_run("test -e /var/lib/anb/converged").code == 0:
                say(f"  {name} is up after {time.monotonic() - begun:.0f} s")
                left.discard(name)
        if time.monotonic() - begun > seconds:
            raise HostFailed(f"not up after {seconds:g} s: {_why(site, sorted(left))}")
        time.sleep(1)


def lower(ground: Ground) -> None:
    """End and remove a lab that stands, also one whose run was interrupted. Raises CannotStand."""
    Parts.of(ground.standing).stop_all()
    deadline = time.monotonic() + ENDING_SECONDS
    while (others := fabric.inhabitants()) and time.monotonic() < deadline:
        time.sleep(0.1)  # what a part had started may be ending still
    if others:
        raise CannotStand(
            f"another lab stands on this machine (process {others[0]} is of it), of another LAB_DIR "
            "(there can be one at a time): make lab-down there first"
        )
    fabric.remove()
    shutil.rmtree(ground.standing, ignore_errors=True)


def start_machine(site: Site, machine: Machine, say: Say) -> None:
    """Boot one more host and wait until it is up."""
    site.boot(machine)
    await_converged(site, [machine.name], say)


def _networks(site: Site, ca: authority.Authority) -> None:
    fabric.make()
    site.parts.start("cloud", "gateway", [sys.executable, "-m", "deploy.lab.cloud", *ca.served])


def _why(site: Site, hosts: list[str]) -> str:
    said = [site.line(name).try_run("journalctl -u anb-provision -n 8 --no-pager -o cat") for name in hosts]
    return "\n".join(f"{name}: {done.out or done.err}" for name, done in zip(hosts, said, strict=True))
