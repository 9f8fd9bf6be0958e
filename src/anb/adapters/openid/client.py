"""The issuers of the settings: where they send people, and what they say about who came back."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from anb.adapters.openid import metadata as described
from anb.adapters.openid.fetch import IssuerFetcher, Transport
from anb.adapters.openid.id_token import ExpectedToken, Jwk, UnknownKey, verify
from anb.adapters.openid.metadata import IssuerMetadata
from anb.ports import Clock
from anb.ports.issuers import IssuerAnswer, IssuerMistaken, IssuerSilent, SignInSecrets, Vouched
from anb.settings.issuers import IssuerConfig

FRESH_SECONDS = 3600.0  # after which metadata and keys are read again
STALE_SECONDS = 24 * 3600.0  # for which they are used when the issuer cannot be asked
REST_SECONDS = 30.0  # between two readings of keys for a key that is unknown
SCOPE = "openid email profile"
Kept = tuple[float, Any]


@dataclass
class KnownIssuer:
    """One issuer with what this process knows about it."""

    config: IssuerConfig
    fetcher: IssuerFetcher
    now: Callable[[], float]
    kept: dict[str, Kept] = field(default_factory=dict)  # by address: when it was read, and what it said

    async def metadata(self) -> IssuerMetadata:
        """Return the issuer's metadata."""
        said = await self._read(self.config.issuer.rstrip("/") + described.WELL_KNOWN, FRESH_SECONDS)
        return described.read(self.config, said)

    async def keys(self, metadata: IssuerMetadata, fresh: float = FRESH_SECONDS) -> Sequence[Jwk]:
        """Return the issuer's keys, read at most `fresh` seconds ago where it can be asked."""
        said = (await self._read(metadata.jwks_uri, fresh)).get("keys")
        if not isinstance(said, list):
            raise IssuerMistaken("no-keys")
        return [key for key in said if isinstance(key, dict)]

    async def _read(self, url: str, fresh: float) -> Mapping[str, Any]:
        read, said = self.kept.get(url, (float("-inf"), {}))
        if self.now() - read < fresh:
            return dict(said)
        try:
            said = await self.fetcher.get(url)
        except IssuerSilent:
            if self.now() - read >= STALE_SECONDS:
                raise
            return dict(said)
        self.kept[url] = (self.now(), said)
        return said


class OpenIdIssuers:
    """The authorization code flow with PKCE; tokens are verified and thrown away."""

    def __init__(
        self,
        configs: Sequence[IssuerConfig],
        clock: Clock,
        transport: Transport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._known = {config.key: KnownIssuer(config, IssuerFetcher(transport), now) for config in configs}

    async def address(self, key: str, known: SignInSecrets, redirect_uri: str) -> str:
        """Return the address at the issuer where a person signs in. Raises IssuerSilent, IssuerMistaken."""
        issuer = self._known[key]
        endpoint = (await issuer.metadata()).authorization_endpoint
        query = {
            "response_type": "code",
            "client_id": issuer.config.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": known.state,
            "nonce": known.nonce,
            "code_challenge": create_s256_code_challenge(known.verifier),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def redeem(self, key: str, known: SignInSecrets, answer: IssuerAnswer, redirect_uri: str) -> Vouched:
        """Exchange a code for what the issuer says about the person. Raises IssuerSilent, IssuerMistaken."""
        issuer = self._known[key]
        metadata = await issuer.metadata()
        if not metadata.is_itself(answer.issuer):
            raise IssuerMistaken("mixed-up")
        tokens = await self._tokens(issuer, metadata, known, answer.code, redirect_uri)
        access = tokens.get("access_token")
        expected = ExpectedToken(
            issuer.config.client_id,
            known.nonce,
            access if isinstance(access, str) else None,
            int(self._clock.now().timestamp()),
        )
        token = tokens.get("id_token")
        try:
            claims = verify(token, metadata, await issuer.keys(metadata), expected)
        except UnknownKey:
            claims = verify(token, metadata, await issuer.keys(metadata, REST_SECONDS), expected)
        return _vouched(issuer.config, claims)

    async def _tokens(
        self, issuer: KnownIssuer, metadata: IssuerMetadata, known: SignInSecrets, code: str, redirect_uri: str
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": known.verifier,
        }
        client = (issuer.config.client_id, issuer.config.client_secret.get_secret_value())
        if metadata.secret_in_header:
            answer = await issuer.fetcher.post(metadata.token_endpoint, form, client)
        else:
            secret = {"client_id": client[0], "client_secret": client[1]}
            answer = await issuer.fetcher.post(metadata.token_endpoint, form | secret, None)
        if answer.status != httpx2.codes.OK:
            raise IssuerMistaken("code-refused")
        return answer.said


def _vouched(config: IssuerConfig, claims: Mapping[str, Any]) -> Vouched:
    subject, email = claims["sub"], claims.get("email")
    if not subject or len(subject) > 255:  # noqa: PLR2004 - the limit that OpenID Connect sets
        raise IssuerMistaken("wrong-sub")
    methods = claims.get("amr", [])
    return Vouched(
        issuer=claims["iss"],
        subject=subject,
        email=email if isinstance(email, str) else None,
        email_verified=config.trust_email or claims.get("email_verified") is True,
        first_name=_text(claims, "given_name"),
        last_name=_text(claims, "family_name"),
        strong=config.trust_mfa and isinstance(methods, list) and "mfa" in methods,
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name)
    return said[:200] if isinstance(said, str) else ""
