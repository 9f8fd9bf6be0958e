"""The domain that passkeys are bound to, and the origin of the pages that may ask for them."""

from ipaddress import ip_address

from fastapi import Request

from anb.factors.domain import RelyingParty
from anb.settings import Settings
from anb.web.origin import Origin, read
from anb.web.targets import site_address


def party_of(request: Request, settings: Settings) -> RelyingParty | None:
    """Return what passkeys of this site are bound to; None where no browser can use one.

    It is the host of ANB_PUBLIC_URL; without it, the host of the request. Browsers allow passkeys on https and on
    localhost, for a name and not for an address, and only from the site that they are bound to.
    """
    ours, here = (
        read(site_address(request, settings)),
        read(f"{request.url.scheme}://{request.headers.get('host', '')}"),
    )
    if ours is None or ours != here or _is_address(ours.host) or not _is_secure(ours):
        return None
    standard = ours.port == {"http": 80, "https": 443}[ours.scheme]
    return RelyingParty(ours.host, f"{ours.scheme}://{ours.host}" + ("" if standard else f":{ours.port}"))


def _is_secure(origin: Origin) -> bool:
    return origin.scheme == "https" or origin.host == "localhost" or origin.host.endswith(".localhost")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
