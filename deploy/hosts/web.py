"""The web server: a new release starts beside the old one and takes over; nginx never has nobody to ask."""

import http.client
import re
import socket
from pathlib import Path

from anb.settings import Limits
from anb.stack.nginx import Site, Tls, render
from deploy.hosts import certificate, services
from deploy.hosts.application import LONGEST_UPLOAD
from deploy.hosts.definitions import HOSTS, MEDIA, RELEASES, SECRETS, USER
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

UNIT, SLICE = "anb-web@.service", "anb-web.slice"
INSTANCES = "/opt/anb/web"
NGINX, CONFIGURATION = "anb-nginx.service", "/etc/anb/nginx.conf"
CACHE, LOGS = "/var/cache/anb-nginx", "/var/log/anb-nginx"
OK = http.HTTPStatus.OK
# Seconds in which what nginx took just before it turned to the new process reaches the old one.
LAST_REQUESTS = 3
PATIENCE = 180  # seconds a web process has to answer


def install(machine: Machine, release: str) -> str:
    """Install what a web process runs from; return the name of the instance.

    It says the release, and a hash of all else that counts: other settings make another instance, which takes over
    as another release does. None is restarted in place: that would cut uploads, or keep newcomers waiting for them.
    """
    memory = HOSTS["web"].memory[SLICE]
    paths = [
        services.install(machine, SLICE, memory=memory),
        services.install(machine, UNIT, memory=memory // 2, stop=LONGEST_UPLOAD),
        SECRETS,
    ]
    services.mask(machine, "nginx.service")
    services.install(machine, NGINX, memory=HOSTS["web"].memory[NGINX], user=USER)
    instance = f"{release}.{machine.fingerprint(paths)[:8]}"
    machine.folder(INSTANCES)
    machine.link(f"{INSTANCES}/{instance}", f"{RELEASES}/{release}")
    return instance


def take_over(machine: Machine, facts: Facts, instance: str) -> None:
    """Start an instance, let nginx turn to it once it answers, and let the last one end."""
    certificate.converge(machine, facts)
    unit = f"anb-web@{instance}.service"
    services.enable(machine, unit)
    if not services.is_active(machine, unit):
        machine.say(f"starting {unit}")
        machine.run("systemctl", "restart", unit)
    machine.wait(f"{unit} to answer", lambda: answers(machine, instance), PATIENCE)
    _open_door(machine, facts, instance)
    retire(machine, keep=unit)


def answers(machine: Machine, instance: str) -> bool:
    """Say whether a web process answers on its socket."""
    try:
        return get(machine, instance, "/api/health/live")[0] == OK
    except (OSError, http.client.HTTPException):
        return False


def get(machine: Machine, instance: str, path: str) -> tuple[int, str]:
    """Ask a web process something, past nginx; return status and body. Raises OSError, HTTPException."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(machine.at(socket_of(instance))))
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status, answer.read().decode(errors="replace")


def socket_of(instance: str) -> str:
    """Return where a web process listens."""
    return f"/run/anb/web-{instance}.sock"


def asked(machine: Machine) -> str:
    """Return the web process that nginx asks. Raises CannotConverge."""
    place = machine.at(CONFIGURATION)
    found = re.search(r"unix:/run/anb/web-(.+?)\.sock", place.read_text(encoding="utf-8")) if place.exists() else None
    if found is None:
        raise CannotConverge("nginx asks no web process of this host yet")
    return found.group(1)


def site(facts: Facts, instance: str) -> Site:
    """Return what nginx's configuration is made of."""
    folder = Path(certificate.FOLDER)
    return Site(
        listen=("443",),
        upstream=f"unix:{socket_of(instance)}",
        media_root=Path(MEDIA),
        runtime=Path(CACHE),
        logs=Path(LOGS),
        upload_max_bytes=int(facts.settings.get("ANB_UPLOAD_MAX_BYTES", Limits().upload_max_bytes)),
        workers=2,
        tls=Tls(
            folder / "certificate.pem",
            folder / "key.pem",
            challenges=Path(certificate.CHALLENGES),
            hsts=bool(facts.domain),
        ),
        shutdown=f"{LONGEST_UPLOAD}s",
    )


def _open_door(machine: Machine, facts: Facts, instance: str) -> None:
    """Point nginx at a web process: a change of its configuration, during which it goes on answering."""
    unit = f"{services.UNITS}/{NGINX}"
    services.freshen(machine)
    machine.put(CONFIGURATION, render(site(facts, instance)))
    machine.put("/etc/logrotate.d/anb-nginx", services.rendered("logrotate.conf", logs=LOGS))
    if machine.applied(NGINX + ".unit") != machine.fingerprint([unit]) and services.is_active(machine, NGINX):
        machine.say("nginx runs from an old unit: restarting it")
        machine.run("systemctl", "restart", NGINX)
    services.settle(machine, NGINX, [CONFIGURATION, f"{certificate.FOLDER}/certificate.pem"], verb="reload")
    machine.apply(NGINX + ".unit", machine.fingerprint([unit]))


def retire(machine: Machine, keep: str) -> None:
    """Stop the other web processes, each once its last upload has ended; forget those that have ended."""
    machine.pause(LAST_REQUESTS)
    done = machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "anb-web@*.service")
    known = {line.split()[0] for line in done.stdout.splitlines() if line.strip()} | {keep}
    for unit in sorted(known - {keep}):
        machine.say(f"{unit} ends with its last upload")
        machine.run("systemctl", "disable", "--quiet", unit)
        machine.run("systemctl", "stop", "--no-block", unit)
    for link in machine.at(INSTANCES).iterdir():
        if f"anb-web@{link.name}.service" not in known:
            link.unlink()
