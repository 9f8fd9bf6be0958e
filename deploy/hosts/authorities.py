"""The certificate authorities of the database: those of RDS, which no system trusts by default, published by AWS."""

import re

from deploy.hosts.facts import Facts
from deploy.hosts.machine import CannotConverge, Machine

PLACE = "/etc/anb/database-authorities.pem"
SERVER = "truststore.pki.rds.amazonaws.com"
# The system's authorities vouch for the server that publishes them.
FETCH = "import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1], timeout=30).read())"
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----")


def source(region: str) -> str:
    """Return the URL where AWS publishes the authorities of a region."""
    return f"https://{SERVER}/{region}/{region}-bundle.pem"


def converge(machine: Machine, facts: Facts) -> None:
    """Fetch the authorities. Keep the present ones if that fails. Raises CannotConverge if there are none."""
    done = machine.run("python3", "-c", FETCH, source(facts.region), check=False, seconds=120)
    found = CERTIFICATE.findall(done.stdout)
    if done.returncode == 0 and found:
        machine.put(PLACE, "\n".join(found) + "\n")
        return
    why = (done.stderr.strip().splitlines() or ["no certificate in it"])[-1]
    if not machine.at(PLACE).exists():
        raise CannotConverge(f"the authorities of the database cannot be fetched from {source(facts.region)}: {why}")
    machine.say(f"the authorities of the database stay as they were: {why}")
