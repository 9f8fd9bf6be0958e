"""The site's address for clients on the internet, and its certificate, checked with the shown fingerprint."""

import hashlib
import ssl
from dataclasses import dataclass

from verify.lab import network
from verify.lab.site import LabSite

HTTPS = 443


class WrongCertificate(Exception):
    """The web server's certificate does not have the fingerprint that its status shows."""


@dataclass(frozen=True)
class SiteAddress:
    """The URL of the site, and the certificate to trust."""

    address: str
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        """Return the address as in a browser."""
        return f"https://{self.address}"


def find(site: LabSite) -> SiteAddress:
    """Return the site's address. Raises WrongCertificate."""
    address = site.machines["web"].address
    shown = site.line("web").try_run("anb-host status").out
    with network.within("client"):
        pem = ssl.get_server_certificate((address, HTTPS), timeout=30)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    fingerprint = ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))
    if fingerprint not in shown:
        raise WrongCertificate(f"{address} answers with {fingerprint}; its status shows another:\n{shown}")
    trust = ssl.create_default_context(cadata=pem)
    trust.check_hostname = False  # it has no name: the fingerprint identifies it
    return SiteAddress(address, trust)
