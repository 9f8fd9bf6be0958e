"""The web server: a new release starts next to the old one and takes over, so nginx always has a running instance.

An instance consists of two processes, one for pages and one for uploads.
"""

import http.client
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter

from anb.engines.nginx import NginxSite, Tls, compression_modules, render
from anb.engines.nginx_program import MODULES
from anb.settings import Limits
from anb.settings.origins import origins_of
from anb.settings.rates import RateNetworks, networks
from anb.web import local
from deploy.hosts import certificate, services, streams
from deploy.hosts.application import LONGEST_UPLOAD
from deploy.hosts.definitions import HOSTS, MEDIA, RELEASES, SECRETS, USER
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

UNIT, UPLOADS, SLICE = "anb-web@.service", "anb-uploads@.service", "anb-web.slice"
INSTANCES = "/opt/anb/web"
NGINX, CONFIGURATION = "anb-nginx.service", "/etc/anb/nginx.conf"
CACHE, LOGS = "/var/cache/anb-nginx", "/var/log/anb-nginx"
OK = http.HTTPStatus.OK
# Seconds that requests which nginx accepted before the switch may take to reach the old process.
LAST_REQUESTS = 3
PATIENCE = 180  # seconds that a web process has to answer


def install(machine: Machine, release: str) -> str:
    """Install the files of the web processes. Return the name of the instance.

    The name contains the release and a hash of the settings: other settings make another instance take over, as another
    release does. An instance is never restarted in place: that would cut uploads, or make new visitors wait for them.
    """
    memory = HOSTS["web"].memory[SLICE]
    paths = [
        services.install(machine, SLICE, memory=memory),
        services.install(machine, UNIT, memory=memory // 2, stop=LONGEST_UPLOAD),
        services.install(machine, UPLOADS, memory=memory // 2, stop=LONGEST_UPLOAD),
        SECRETS,
    ]
    services.mask(machine, "nginx.service")
    services.install(machine, NGINX, memory=HOSTS["web"].memory[NGINX], user=USER)
    instance = f"{release}.{machine.fingerprint(paths)[:8]}"
    machine.folder(INSTANCES)
    machine.link(f"{INSTANCES}/{instance}", f"{RELEASES}/{release}")
    return instance


def take_over(machine: Machine, facts: Facts, instance: str) -> None:
    """Start an instance, switch nginx to it once it answers, and retire the last one."""
    certificate.converge(machine, facts)
    for unit in units(instance):
        services.enable(machine, unit)
        if not services.is_active(machine, unit):
            machine.say(f"starting {unit}")
            machine.run("systemctl", "restart", unit)
    for unit, place in zip(units(instance), sockets_of(instance), strict=True):
        machine.wait(f"{unit} to answer", partial(answers, machine, place), PATIENCE)
    _open_door(machine, facts, instance)
    retire(machine, keep=instance)


def units(instance: str) -> tuple[str, str]:
    """Return the units of an instance: pages, uploads."""
    return f"anb-web@{instance}.service", f"anb-uploads@{instance}.service"


def answers(machine: Machine, place: str) -> bool:
    """Return whether a process answers on its socket."""
    try:
        return get(machine, place, "/api/health/live")[0] == OK
    except (OSError, http.client.HTTPException):
        return False


def get(machine: Machine, place: str, path: str) -> tuple[int, str]:
    """Send a request to a process's socket, without nginx. Return status and body. Raises OSError, HTTPException."""
    return local.get(machine.at(place), path, 10)


def sockets_of(instance: str) -> tuple[str, str]:
    """Return the sockets of an instance: pages, uploads."""
    return f"/run/anb/web-{instance}.sock", f"/run/anb/uploads-{instance}.sock"


def asked(machine: Machine) -> str:
    """Return the instance that nginx uses. Raises CannotConverge."""
    place = machine.at(CONFIGURATION)
    found = re.search(r"unix:/run/anb/web-(.+?)\.sock", place.read_text(encoding="utf-8")) if place.exists() else None
    if found is None:
        raise CannotConverge("nginx uses no web process of this host yet")
    return found.group(1)


def site(facts: Facts, instance: str) -> NginxSite:
    """Return the parameters of nginx's configuration."""
    folder = Path(certificate.FOLDER)
    pages, uploads = sockets_of(instance)
    return NginxSite(
        listen=("443",),
        upstream=f"unix:{pages}",
        uploads=f"unix:{uploads}",
        streams=f"unix:{streams.SOCKET}",
        media_root=Path(MEDIA),
        runtime=Path(CACHE),
        logs=Path(LOGS),
        upload_max_bytes=int(facts.settings.get("ANB_UPLOAD_MAX_BYTES", Limits().upload_max_bytes)),
        workers=2,
        origins=origins_of(facts.settings),
        requests=int(facts.settings.get("ANB_RATE_REQUESTS", RateNetworks().rate_requests)),
        exempt_networks=tuple(
            networks(facts.settings.get("ANB_RATE_EXEMPT_NETWORKS", RateNetworks().rate_exempt_networks))
        ),
        tls=Tls(
            folder / "certificate.pem",
            folder / "key.pem",
            challenges=Path(certificate.CHALLENGES),
            hsts=bool(facts.domain),
            subdomains=TypeAdapter(bool).validate_python(facts.settings.get("ANB_HSTS_SUBDOMAINS", "true")),
        ),
        shutdown=f"{LONGEST_UPLOAD}s",
    )


def _open_door(machine: Machine, facts: Facts, instance: str) -> None:
    """Point nginx at an instance by reloading its configuration, during which it keeps answering."""
    unit = f"{services.UNITS}/{NGINX}"
    services.freshen(machine)
    modules = tuple(MODULES / path.name for path in compression_modules(machine.at(MODULES)))
    machine.put(CONFIGURATION, render(replace(site(facts, instance), modules=modules)))
    machine.put("/etc/logrotate.d/anb-nginx", services.rendered("logrotate.conf", logs=LOGS))
    if machine.applied(NGINX + ".unit") != machine.fingerprint([unit]) and services.is_active(machine, NGINX):
        machine.say("nginx runs from an old unit: restarting it")
        machine.run("systemctl", "restart", NGINX)
    services.settle(machine, NGINX, [CONFIGURATION, f"{certificate.FOLDER}/certificate.pem"], verb="reload")
    machine.apply(NGINX + ".unit", machine.fingerprint([unit]))


def retire(machine: Machine, keep: str) -> None:
    """Stop the other instances, each process after its last upload; clean up those that have ended."""
    machine.pause(LAST_REQUESTS)
    listed = [
        machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", pattern).stdout.splitlines()
        for pattern in units("*")
    ]
    known = {line.split()[0] for lines in listed for line in lines if line.strip()} | set(units(keep))
    for unit in sorted(known - set(units(keep))):
        machine.say(f"{unit} ends with its last upload")
        machine.run("systemctl", "disable", "--quiet", unit)
        machine.run("systemctl", "stop", "--no-block", unit)
    for link in machine.at(INSTANCES).iterdir():
        if known.isdisjoint(units(link.name)):
            link.unlink()
