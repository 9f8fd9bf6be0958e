"""Check of challenges: browsers solve them only where pages are secure."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from anb.local.doctor.checkup import CheckResult, Checkup
from anb.settings.issuers import LOOPBACK

SERVE_HTTPS = "Serve the site by https and set ANB_PUBLIC_URL to it, or set ANB_CHALLENGE_VOTES=never"


def challenges(checkup: Checkup) -> Iterator[CheckResult]:
    """Warn if voters are asked for challenges on plain http from elsewhere: browsers have no cryptography there."""
    asked = checkup.environment.get("ANB_CHALLENGE_VOTES", "never")
    if asked == "never":
        return
    settings = checkup.settings
    address = str(settings.public_url or f"http://{settings.http_host}")
    host = urlsplit(address).hostname if settings.public_url else settings.http_host
    if address.startswith("https:") or host in LOOPBACK:
        yield CheckResult("Challenges", "ok", f"asked of voters: {asked}")
    else:
        found = f"asked of voters ({asked}), but browsers solve none at {address}, without https"
        yield CheckResult("Challenges", "warn", found, SERVE_HTTPS)
