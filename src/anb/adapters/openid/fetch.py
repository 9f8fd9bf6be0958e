"""Requests to issuers: within a deadline and a size, without redirects, only to addresses that are safe."""

import json
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from anyio import CapacityLimiter, fail_after

from anb.ports.issuers import IssuerMistaken, IssuerSilent
from anb.settings.issuers import is_safe

SECONDS = 10.0  # for one request, from its first byte to the last of the answer
MOST_BYTES = 256 * 1024  # Microsoft's keys, the longest we know, take 20 kB
LONGEST = 2000  # letters of an address
AT_ONCE, MOST_WAITING = 4, 12
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "anb-rising-stars"}
# A name with a top-level domain; resolvers also read numbers in other forms, such as 0x7f.1.
_NAMED = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")
Transport = Callable[[], httpx2.AsyncBaseTransport]


@dataclass(frozen=True)
class JsonAnswer:
    """A status and the object that came with it."""

    status: int
    said: Mapping[str, Any]


class IssuerFetcher:
    """Talks to one issuer, a few requests at a time."""

    def __init__(self, transport: Transport | None = None, seconds: float = SECONDS) -> None:
        self._transport = transport or _to_the_internet()
        self._seconds = seconds
        self._turns = CapacityLimiter(AT_ONCE)

    async def get(self, url: str) -> Mapping[str, Any]:
        """Return the object at an address. Raises IssuerSilent, IssuerMistaken."""
        answer = await self._ask("GET", url)
        if answer.status != httpx2.codes.OK:
            raise IssuerSilent("failed")
        return answer.said

    async def post(self, url: str, form: Mapping[str, str], user: tuple[str, str] | None) -> JsonAnswer:
        """Send a form, as a user of the issuer if one is given. Raises IssuerSilent, IssuerMistaken."""
        return await self._ask("POST", url, data=dict(form), auth=user)

    async def _ask(self, method: str, url: str, **more: Any) -> JsonAnswer:  # noqa: ANN401 - handed to httpx
        waiting = self._turns.statistics().tasks_waiting
        if self._turns.available_tokens <= 0 and waiting >= MOST_WAITING:
            raise IssuerSilent("busy")
        try:
            with fail_after(self._seconds):
                async with self._turns:
                    return await self._exchange(method, url, more)
        except TimeoutError:
            raise IssuerSilent("slow") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ssl.SSLError) as error:
            raise IssuerSilent("unreachable") from error

    async def _exchange(self, method: str, url: str, more: Mapping[str, Any]) -> JsonAnswer:
        # A proxy or a .netrc of the environment would be asked behind the operator's back: trust_env.
        client = httpx2.AsyncClient(
            transport=self._transport(), timeout=self._seconds, follow_redirects=False, trust_env=False
        )
        async with client, client.stream(method, url, headers=HEADERS, **more) as response:
            if response.is_redirect:
                raise IssuerMistaken("redirected")
            if response.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
                raise IssuerSilent("failed")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise IssuerMistaken("encoded")  # a small body may unfold into gigabytes
            return JsonAnswer(response.status_code, _object(await _body(response)))


def _to_the_internet() -> Transport:
    # Made once: reading the certificates of the authorities takes longer than a request.
    trust = ssl.create_default_context()
    return lambda: httpx2.AsyncHTTPTransport(verify=trust)


async def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise IssuerMistaken("huge")
    return bytes(body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise IssuerMistaken("not-json") from None
    if not isinstance(said, dict):
        raise IssuerMistaken("not-json")
    return said


def is_reachable(url: object, issuer: str) -> bool:
    """Say whether an address that an issuer names may be asked.

    An issuer is another party: it must not point us at this machine or at a server of our network. Addresses are https
    (httpx then checks the certificate for the name before it sends anything), and name a host, not a number; only an
    issuer that an operator put on this machine may name this machine.
    """
    if not isinstance(url, str) or len(url) > LONGEST or not is_safe(url.partition("?")[0]) or "#" in url:
        return False
    host, home = urlsplit(url).hostname or "", urlsplit(issuer).hostname
    return host == home or (bool(_NAMED.fullmatch(host)) and urlsplit(url).scheme == "https")
