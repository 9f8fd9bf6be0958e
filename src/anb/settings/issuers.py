"""Settings of sign-in by OpenID Connect: the issuers that people may sign in with."""

import json
import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Where Microsoft's issuer is for the people of several tenants.
SHARED = frozenset({"common", "organizations"})
_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:]+")


_ODD = re.compile(r"[^!-~]")  # blanks, controls, and letters that an address would have to encode


def is_safe(url: str) -> bool:
    """Say whether we would send a secret there: https, or http to this machine; no user, query or fragment."""
    try:
        parts = urlsplit(url)
        known = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    plain = parts.scheme == "http" and host in LOOPBACK
    extra = "@" in parts.netloc or "#" in url or "?" in url or known == 0
    return (parts.scheme == "https" or plain) and bool(_HOST.fullmatch(host)) and not extra and not _ODD.search(url)


def _safe(url: str) -> str:
    if not is_safe(url):
        raise ValueError("must begin with https:// (http:// for this machine only), without user, query or fragment")
    return url


class IssuerConfig(BaseModel):
    """One issuer, and the client that it registered for us."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")  # a part of the redirect address: it does not change
    name: str = Field(min_length=1, max_length=40)  # as people read it
    issuer: Annotated[str, AfterValidator(_safe)]
    client_id: str = Field(min_length=1, max_length=255)
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=1000)]
    trust_mfa: bool = False  # `mfa` among its methods (amr) counts as a second factor
    trust_email: bool = False  # its people's addresses are theirs, though it does not say `email_verified`

    @model_validator(mode="after")
    def _one_tenant(self) -> Self:
        """Refuse to trust the addresses of every tenant: each tenant's administrator can write any address."""
        if self.trust_email and SHARED.intersection(self.issuer.split("/")):
            raise ValueError("trust_email: any tenant may issue any address here; name one tenant")
        return self


def _decode(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        known = json.loads(text or "[]")
    except (ValueError, RecursionError):
        known = None
    if not isinstance(known, list):
        raise ValueError("is not a JSON list of issuers")  # noqa: TRY004 - pydantic reports this kind
    return tuple(known)


def _distinct(issuers: tuple[IssuerConfig, ...]) -> tuple[IssuerConfig, ...]:
    for one in ("key", "issuer"):
        if len({getattr(each, one) for each in issuers}) < len(issuers):
            raise ValueError(f"two issuers have the same {one}")
    return issuers


Issuers = Annotated[tuple[IssuerConfig, ...], NoDecode, BeforeValidator(_decode), AfterValidator(_distinct)]


class IssuerSettings(BaseSettings):
    """The issuers that people may sign in with instead of a password."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    oidc_issuers: Issuers = Field(
        (),
        description="Issuers of OpenID Connect that people may sign in with, as a JSON list; "
        "see docs/how-to/openid-connect.md. Needs `ANB_PUBLIC_URL`. Empty: no such sign-in.",
    )
