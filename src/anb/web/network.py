"""The network that a clip comes from, for its queue position: a keyed hash of the rate limits' address block."""

from fastapi import Request

from anb.web.deps import ports_of, settings_of
from anb.web.rate_limits import BLOCK_PREFIX, address_of, is_exempt, network_of


def is_exempt_here(request: Request) -> bool:
    """Say whether the client's network is exempt from rate limits, caps and quotas."""
    return is_exempt(settings_of(request).rate_exempt_networks, address_of(request))


def network_key(request: Request) -> str | None:
    """Return the key of the client's network; None for this machine, an exempt network, or an unknown address."""
    address = address_of(request)
    if address is None or address.is_loopback or is_exempt_here(request):
        return None
    return ports_of(request).tokens.sign(f"origin:{network_of(address, BLOCK_PREFIX)}")[:32]
