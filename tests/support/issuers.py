"""Issuers of our own making: honest, until a test changes what one sends, or keeps it silent."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from anb.adapters.openid.client import OpenIdIssuers
from anb.ports.issuers import IssuerAnswer, SignInSecrets, Vouched
from anb.settings.issuers import IssuerConfig
from support.fakes import SteadyClock

Key = RSAKey | ECKey | OctKey
ANSWER = httpx2.Response | Callable[[httpx2.Request], Awaitable[httpx2.Response]]
FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})  # making one takes a tenth of a second
SECOND_KEY = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
WELL_KNOWN = "/.well-known/openid-configuration"
HERE = "https://anb.example/login/with/club/callback"


@dataclass
class ScriptedIssuer:
    """An issuer at the level of its HTTP answers."""

    url: str = "https://id.club.example"
    client_id: str = "anb"
    key: Key = field(default_factory=lambda: FIRST_KEY)
    published: list[Key] = field(default_factory=lambda: [FIRST_KEY])
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # instead of the honest ones; None: left out
    described: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, ANSWER] = field(default_factory=dict)  # by path
    nonce: str = ""
    asked: list[httpx2.Request] = field(default_factory=list)
    clock: SteadyClock = field(default_factory=SteadyClock)
    age: float = 0.0  # what this process's monotonic clock shows beyond the real one

    def config(self, **more: Any) -> IssuerConfig:
        known = {"key": "club", "name": "Club", "issuer": self.url, "client_id": self.client_id}
        return IssuerConfig(**{**known, "client_secret": "s3cret of the club", **more})

    def client(self, *others: "ScriptedIssuer", **more: Any) -> OpenIdIssuers:
        """Return our client of this issuer, and of others: other0, other1."""
        configs = [self.config(**more), *(one.config(key=f"other{n}") for n, one in enumerate(others))]
        known = {one.host: one for one in (self, *others)}

        async def handle(request: httpx2.Request) -> httpx2.Response:
            return await known[request.url.host].answer(request)

        def now() -> float:
            return time.monotonic() + self.age

        return OpenIdIssuers(configs, self.clock, lambda: httpx2.MockTransport(handle), now)

    @property
    def host(self) -> str:
        return str(urlsplit(self.url).hostname)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [request.url.path for request in self.asked]

    def form(self) -> dict[str, str]:
        """Return the last form that was sent."""
        return dict(parse_qsl(next(one for one in reversed(self.asked) if one.method == "POST").content.decode()))

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        instead = self.instead.get(request.url.path)
        if instead is not None:
            return instead if isinstance(instead, httpx2.Response) else await instead(request)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return said(self.metadata())
        if request.url.path == "/keys":
            return said({"keys": [key.as_dict(private=False) for key in self.published]})
        if request.url.path == "/token":
            return said({"access_token": "of no use", "id_token": self.token(), **self.tokens})
        return said({}, 404)

    def metadata(self) -> dict[str, Any]:
        root = f"https://{self.host}"
        known = {
            "issuer": self.url,
            "authorization_endpoint": f"{root}/authorize",
            "token_endpoint": f"{root}/token",
            "jwks_uri": f"{root}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return _changed(known, self.described)

    def token(self) -> str:
        """Return a signed ID token."""
        now = int(self.clock.now().timestamp())
        honest = {
            "iss": self.url, "sub": "248289761001", "aud": self.client_id, "nonce": self.nonce,
            "iat": now, "exp": now + 300, "email": "lucia@club.example", "email_verified": True,
            "given_name": "Lucía", "family_name": "Ríos",
        }  # fmt: skip
        header = _changed({"alg": "RS256", "kid": self.key.kid}, self.header)
        return jwt.encode(header, _changed(honest, self.claims), self.key, algorithms=[header["alg"]])

    def begin(self) -> SignInSecrets:
        """Begin a sign-in; the honest issuer will put its nonce into the token."""
        self.nonce = "n" * 43
        return SignInSecrets("s" * 43, self.nonce, "v" * 43)


def redeem(issuer: ScriptedIssuer, client: OpenIdIssuers | None = None, answer: IssuerAnswer | None = None) -> Vouched:
    """Come back from an issuer with a code."""
    known = issuer.begin()
    return asyncio.run((client or issuer.client()).redeem("club", known, answer or IssuerAnswer("a code"), HERE))


def address(issuer: ScriptedIssuer, client: OpenIdIssuers | None = None) -> str:
    """Return the address that leads to an issuer."""
    return asyncio.run((client or issuer.client()).address("club", issuer.begin(), HERE))


def said(whole: object, status: int = 200) -> httpx2.Response:
    """Return an answer that is read as it arrives, as over a connection."""
    return httpx2.Response(status, stream=httpx2.ByteStream(json.dumps(whole).encode()))


def _changed(known: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**known, **changes}.items() if value is not None}
