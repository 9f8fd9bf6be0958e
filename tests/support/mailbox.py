"""The mails of a running site, as its mailbox caught them."""

import re

import httpx2 as httpx

from anb.local.mailbox.ports import read_ports
from support.site import NO_TLS, Site
from support.waiting import until


def link_to(site: Site, email: str, path: str) -> str:
    """Return the newest link to a page in a mail to an address, once one has arrived, as a path of the site."""
    ports = read_ports(site.folder)
    assert ports is not None
    wanted = re.compile(rf"https?://[^/\s]+({re.escape(path)}\?\S+)")

    def newest() -> str:
        mails = httpx.get(f"{ports.page_url}/mails.json", timeout=10, verify=NO_TLS).json()
        return next((found[1] for one in mails if email in one["to"] and (found := wanted.search(one["text"]))), "")

    return until(newest, 20)
