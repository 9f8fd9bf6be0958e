"""The web server: a new release starts beside the old one and takes over; nginx never has nobody to ask."""

import http.client
import socket
from pathlib import Path

from anb.settings import MIB, Limits
from anb.stack.nginx import Site, Tls, render
from deploy.hosts import certificate, services
from deploy.hosts.definitions import HOSTS, MEDIA, SECRETS, USER
from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

UNIT = "anb-web@.service"
NGINX, CONFIGURATION = "anb-nginx.service", "/etc/anb/nginx.conf"
CACHE, LOGS = "/var/cache/anb-nginx", "/var/log/anb-nginx"
PATIENCE = 90  # seconds a web process has to answer
# An upload under way when the configuration changes may end; this is what the slowest phone may take for 100 MB.
LONGEST_UPLOAD = 3600


def converge(machine: Machine, facts: Facts, release: str) -> None:
    """Bring the database to this release's tables, then the web to this release."""
    migrate(machine, release)
    certificate.converge(machine, facts)
    memory = HOSTS["web"].memory
    template = services.install(
        machine, UNIT, memory=memory[UNIT] // 2, memory_high=memory[UNIT] // 2 - 64 * MIB, stop=LONGEST_UPLOAD
    )
    unit = f"anb-web@{release}.service"
    services.settle(machine, unit, [template, SECRETS])
    machine.wait(f"{unit} to answer", lambda: answers(machine, release), PATIENCE)
    _open_door(machine, facts, release)
    retire(machine, keep=unit)


def migrate(machine: Machine, release: str) -> None:
    """Run the migrations; wait for a database that does not answer yet."""
    said = ""

    def done() -> bool:
        nonlocal said
        tried = machine.run(
            "/usr/local/bin/anb", "migrate", "--first-season", check=False, environment={"ANB_RELEASE": release}
        )
        said = (tried.stdout + tried.stderr).strip()
        return tried.returncode == 0

    try:
        machine.wait("the database and its migrations", done, 600)
    except CannotConverge as error:
        raise CannotConverge(f"{error}: {said[-1000:]}") from error
    machine.say(said.splitlines()[-1] if said else "migrated")


def answers(machine: Machine, release: str) -> bool:
    """Say whether the web process of a release answers on its socket."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(machine.at(socket_of(release))))
            line.sendall(b"GET /api/health/live HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = http.client.HTTPResponse(line)
            answer.begin()
            return answer.status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def socket_of(release: str) -> str:
    """Return where the web process of a release listens."""
    return f"/run/anb/web-{release}.sock"


def site(facts: Facts, release: str) -> Site:
    """Return what nginx's configuration is made of."""
    folder = Path(certificate.FOLDER)
    return Site(
        listen=("443",),
        upstream=f"unix:{socket_of(release)}",
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


def _open_door(machine: Machine, facts: Facts, release: str) -> None:
    """Point nginx at a release: a change of its configuration, during which it goes on answering."""
    machine.run("systemctl", "mask", "--now", "--quiet", "nginx.service")
    unit = services.install(machine, NGINX, memory=HOSTS["web"].memory[NGINX], user=USER)
    machine.put(CONFIGURATION, render(site(facts, release)))
    machine.put("/etc/logrotate.d/anb-nginx", services.rendered("logrotate.conf", logs=LOGS))
    if machine.applied(NGINX + ".unit") != machine.fingerprint([unit]) and services.is_active(machine, NGINX):
        machine.say("nginx runs from an old unit: restarting it")
        machine.run("systemctl", "restart", NGINX)
    services.settle(machine, NGINX, [CONFIGURATION, f"{certificate.FOLDER}/certificate.pem"], verb="reload")
    machine.apply(NGINX + ".unit", machine.fingerprint([unit]))


def retire(machine: Machine, keep: str) -> None:
    """Stop the web processes of other releases, each once its last upload has ended."""
    done = machine.run("systemctl", "list-units", "--all", "--plain", "--no-legend", "anb-web@*.service")
    for line in done.stdout.splitlines():
        unit = line.split()[0]
        if unit != keep:
            machine.say(f"{unit} ends with its last upload")
            machine.run("systemctl", "disable", "--quiet", unit)
            machine.run("systemctl", "stop", "--no-block", unit)
