"""Restricts load to this machine, unless the operator says that the other host is theirs."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

SAYING = "CROWD_HOST_IS_MINE"


def refuse_others(host: str | None, environment: Mapping[str, str]) -> None:
    """Raise SystemExit for a host that is neither loopback nor confirmed as one's own."""
    if not is_loopback(host) and environment.get(SAYING) != "1":
        raise SystemExit(f"{host} is not this machine. Set {SAYING}=1 if it is yours.")


def is_loopback(host: str | None) -> bool:
    """Return whether a base URL is on this machine."""
    name = urlsplit(host or "").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
