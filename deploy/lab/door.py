"""The way in from the internet: the web server's address, and its own certificate, pinned by the shown fingerprint."""

import hashlib
import ssl
from dataclasses import dataclass

from deploy.lab import fabric
from deploy.lab.site import Site

HTTPS = 443


class WrongCertificate(Exception):
    """The web server does not answer with the certificate whose fingerprint it shows."""


@dataclass(frozen=True)
class Door:
    """Where the site is, and whom to trust there."""

    address: str
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        """The address as a browser has it."""
        return f"https://{self.address}"


def find(site: Site) -> Door:
    """Return the way to the site. Raises WrongCertificate."""
    address = site.machines["web"].address
    shown = site.line("web").try_run("anb-host status").out
    with fabric.within("client"):
        pem = ssl.get_server_certificate((address, HTTPS), timeout=30)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    fingerprint = ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))
    if fingerprint not in shown:
        raise WrongCertificate(f"{address} answers with {fingerprint}; its status shows another:\n{shown}")
    trust = ssl.create_default_context(cadata=pem)
    trust.check_hostname = False  # it is made for no name: the fingerprint says whose it is
    return Door(address, trust)
