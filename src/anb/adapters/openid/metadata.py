"""What an issuer says about itself at its well-known address, after our rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from anb.adapters.openid.fetch import is_reachable
from anb.ports.issuers import IssuerMistaken
from anb.settings.issuers import SHARED, IssuerConfig

WELL_KNOWN = "/.well-known/openid-configuration"
# Signatures that we accept where the issuer announces them: asymmetric ones, so neither `none` nor our own secret.
ALGORITHMS = frozenset(f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512))
TENANT = "{tenantid}"
_TENANT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class IssuerMetadata:
    """The addresses of an issuer and the ways in which it signs."""

    issuer: str  # in Microsoft's template, `{tenantid}` stands for the person's tenant
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    secret_in_header: bool  # send the client's secret as HTTP Basic, or else in the form
    names_itself: bool  # the answer that the browser brings has `iss` (RFC 9207)

    def issuer_of(self, claims: Mapping[str, Any]) -> str:
        """Return the issuer that an ID token must name: with its tenant filled in, if this one has many."""
        return fill(self.issuer, claims)

    def is_itself(self, named: str | None) -> bool:
        """Say whether the answer in the browser comes from this issuer, as far as it says (RFC 9207)."""
        if named is None:
            return not self.names_itself
        if TENANT not in self.issuer:
            return named == self.issuer
        before, _, after = self.issuer.partition(TENANT)
        tenant = named.removeprefix(before).removesuffix(after)
        return named == f"{before}{tenant}{after}" and bool(_TENANT_ID.fullmatch(tenant))


def read(config: IssuerConfig, said: Mapping[str, Any]) -> IssuerMetadata:
    """Read an issuer's metadata. Raises IssuerMistaken."""
    issuer = said.get("issuer")
    if not isinstance(issuer, str) or (issuer != config.issuer and not _is_template(issuer, config.issuer)):
        raise IssuerMistaken("wrong-issuer")
    places = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    if not all(is_reachable(place, config.issuer) for place in places.values()):
        raise IssuerMistaken("wrong-address")
    algorithms = tuple(sorted(ALGORITHMS.intersection(_words(said, "id_token_signing_alg_values_supported", "RS256"))))
    if not algorithms:
        raise IssuerMistaken("weak-signatures")
    return IssuerMetadata(
        issuer,
        **{name: str(place) for name, place in places.items()},
        algorithms=algorithms,
        secret_in_header="client_secret_basic"
        in _words(said, "token_endpoint_auth_methods_supported", "client_secret_basic"),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def fill(template: str, claims: Mapping[str, Any]) -> str:
    """Fill the person's tenant into a template; other issuers have no template. Raises IssuerMistaken."""
    if TENANT not in template:
        return template
    tenant = claims.get("tid")
    if not isinstance(tenant, str) or not _TENANT_ID.fullmatch(tenant):
        raise IssuerMistaken("wrong-tenant")
    return template.replace(TENANT, tenant)


def _is_template(issuer: str, configured: str) -> bool:
    """Say whether an issuer is Microsoft's template of a configured address that many tenants share."""
    shared = next((part for part in urlsplit(configured).path.split("/") if part in SHARED), None)
    return shared is not None and issuer == configured.replace(f"/{shared}/", f"/{TENANT}/", 1)


def _words(said: Mapping[str, Any], name: str, default: str) -> list[str]:
    """Read a list of words; an issuer that does not give one means the default."""
    words = said.get(name, [default])
    return [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
