"""The certificate of the web server: an authority's for a domain; before that, or without one, self-signed."""

from deploy.hosts import services
from deploy.hosts.facts import Facts
from deploy.hosts.machine import Machine

FOLDER = "/etc/anb/tls"
CHALLENGES = "/var/lib/anb-acme"
OWNER = "www-data"  # the user of nginx


def converge(machine: Machine, facts: Facts) -> None:
    """Make sure that a certificate exists. Print the fingerprint of a self-signed one."""
    machine.folder(FOLDER, 0o750, "root", OWNER)
    machine.folder(CHALLENGES)
    if not machine.at(f"{FOLDER}/key.pem").exists() or (not facts.domain and _is_old(machine)):
        _sign_ourselves(machine, facts.domain or "anb")
    if not facts.domain:
        machine.say(f"the certificate is self-signed, SHA-256 {fingerprint(machine)}")


def keep_asking(machine: Machine, facts: Facts) -> None:
    """Request a certificate every hour until there is one, and renew it from then on."""
    if facts.domain:
        services.install(machine, "anb-certificate.service", domain=facts.domain)
        timer = services.install(machine, "anb-certificate.timer")
        services.settle(machine, "anb-certificate.timer", [timer])
        services.settle(machine, "certbot.timer", [])


def obtain(machine: Machine, facts: Facts) -> None:
    """Request a certificate once nginx answers the challenges. The present certificate is used until then."""
    if not facts.domain or machine.at(f"/etc/letsencrypt/live/{facts.domain}/fullchain.pem").exists():
        return
    hook = "/etc/letsencrypt/renewal-hooks/deploy/anb"
    machine.put(hook, services.rendered("certbot-hook", folder=FOLDER, owner=OWNER), 0o755)
    mail = ("--email", facts.contact) if facts.contact else ("--register-unsafely-without-email",)
    done = machine.run(
        "certbot", "certonly", "--non-interactive", "--agree-tos", *mail, "--webroot", "--webroot-path", CHALLENGES,
        "--key-type", "ecdsa", "--domain", facts.domain, check=False, seconds=300,
    )  # fmt: skip
    if done.returncode:
        machine.say(f"no certificate for {facts.domain} yet: using the self-signed one, trying again every hour")
        machine.say(done.stderr.strip()[-500:])
    else:
        machine.run(hook, environment={"RENEWED_LINEAGE": f"/etc/letsencrypt/live/{facts.domain}"})


def fingerprint(machine: Machine) -> str:
    """Return the SHA-256 of the certificate in use, as browsers show it."""
    done = machine.run("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", f"{FOLDER}/certificate.pem")
    return done.stdout.strip().partition("=")[2]


def _is_old(machine: Machine) -> bool:
    """Return whether our self-signed certificate expires within a month."""
    check = ("-checkend", str(30 * 24 * 3600), "-in", f"{FOLDER}/certificate.pem")
    return not machine.succeeds("openssl", "x509", "-noout", *check)


def _sign_ourselves(machine: Machine, name: str) -> None:
    machine.say(f"making a self-signed certificate for {name}")
    key, certificate = f"{FOLDER}/key.pem", f"{FOLDER}/certificate.pem"
    machine.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "825", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
        "-keyout", key, "-out", certificate,
    )  # fmt: skip
    machine.run("chown", f"root:{OWNER}", key, certificate)
    machine.run("chmod", "0640", key, certificate)
