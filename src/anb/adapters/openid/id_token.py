"""Verifies an ID token: its signature by a key of the issuer, then every claim that ties it to this sign-in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import JWKRegistry
from joserfc.jws import JWSRegistry

from anb.adapters.openid.metadata import IssuerMetadata, fill
from anb.ports.issuers import IssuerMistaken

SKEW_SECONDS = 60  # how far an issuer's clock may be from ours
MOST_LETTERS = 16 * 1024
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
# As base64url writes a modulus: 2048 bits, below which RSA is weak, and 8192, above which it is slow.
_RSA_LETTERS = range(342, 1367)
_LONGEST_PART = 2000
Jwk = Mapping[str, Any]


class UnknownKey(IssuerMistaken):
    """No key of the issuer has this token's id: the issuer may have changed its keys."""


@dataclass(frozen=True)
class ExpectedToken:
    """What an ID token of this sign-in says."""

    client_id: str
    nonce: str
    access_token: str | None
    now: int


def verify(token: object, metadata: IssuerMetadata, keys: Sequence[Jwk], expected: ExpectedToken) -> Mapping[str, Any]:
    """Return the claims of an ID token. Raises UnknownKey, IssuerMistaken."""
    if not isinstance(token, str) or len(token) > MOST_LETTERS:
        raise IssuerMistaken("no-id-token")
    try:
        return _verified(token, metadata, keys, expected)
    except ExpiredTokenError:
        raise IssuerMistaken("expired") from None
    except (InvalidClaimError, MissingClaimError) as error:
        raise IssuerMistaken(f"wrong-{error.claim}") from None
    except JoseError as error:
        raise IssuerMistaken("wrong-signature") from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        # What the libraries raise for JSON that has other shapes than theirs.
        raise IssuerMistaken("malformed") from error


def _verified(token: str, metadata: IssuerMetadata, keys: Sequence[Jwk], expected: ExpectedToken) -> Mapping[str, Any]:
    registry = JWSRegistry(algorithms=metadata.algorithms, strict_check_header=False)
    header = jws.extract_compact(token.encode(), registry=registry).headers()
    algorithm = header.get("alg")
    if algorithm not in metadata.algorithms:
        raise IssuerMistaken("wrong-algorithm")
    key = _key(keys, algorithm, header.get("kid"))
    read = jwt.decode(token, JWKRegistry.import_key(dict(key)), registry=registry)
    issuer = metadata.issuer_of(read.claims)
    said_by = key.get("issuer")  # Microsoft's keys say whose tokens they sign
    if said_by is not None and fill(str(said_by), read.claims) != issuer:
        raise IssuerMistaken("wrong-key")
    options = {
        "iss": {"essential": True, "value": issuer},
        "sub": {"essential": True},
        # Authlib compares the audience only with `azp`; a token made for another client must not do.
        "aud": {"essential": True, "value": expected.client_id},
        "nonce": {"essential": True, "value": expected.nonce},
    }
    about = {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token}
    CodeIDToken(read.claims, read.header, options, about).validate(expected.now, SKEW_SECONDS)
    return read.claims


def _key(keys: Sequence[Jwk], algorithm: str, key_id: object) -> Jwk:
    """Return the one key that may have signed this token."""
    fitting = [key for key in keys if _fits(key, algorithm) and key_id in (None, key.get("kid"))]
    if len(fitting) != 1:
        raise UnknownKey("unknown-key")
    return fitting[0]


def _fits(key: Jwk, algorithm: str) -> bool:
    kind = _KINDS[algorithm[:2]]
    purpose = key.get("kty") == kind and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    small = all(len(part) <= _LONGEST_PART for name, part in key.items() if isinstance(part, str) and name != "x5c")
    strong = kind == "EC" or (isinstance(key.get("n"), str) and len(key["n"]) in _RSA_LETTERS)
    return purpose and small and strong
