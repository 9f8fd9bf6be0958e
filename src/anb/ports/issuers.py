"""Issuers of OpenID Connect: what they say about a person, and how they fail."""

from dataclasses import dataclass, field
from typing import Protocol

from anb.errors import AnbError


@dataclass(frozen=True)
class SignInSecrets:
    """The secrets of one sign-in: none of them is used twice."""

    state: str = field(repr=False)  # proves that an answer belongs to a sign-in that we began
    nonce: str = field(repr=False)  # proves that an ID token was made for this sign-in
    verifier: str = field(repr=False)  # proves that the client that redeems the code asked for it (PKCE)


@dataclass(frozen=True)
class IssuerAnswer:
    """What the browser brought back from an issuer."""

    code: str = field(repr=False)
    issuer: str | None = None  # the parameter `iss` of RFC 9207, where an issuer sends it


@dataclass(frozen=True)
class Vouched:
    """What an issuer says about a person: the pair of issuer and subject never changes; the rest may."""

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    first_name: str = ""
    last_name: str = ""
    strong: bool = False  # a second factor was used, by an issuer that we trust to say so


class IssuerSilent(AnbError):
    """An issuer could not be reached, did not answer in time, failed, or has as many sign-ins as we let in at once.

    `str()` is a static word for the log.
    """


class IssuerMistaken(AnbError):
    """An issuer's answer breaks a rule that protects people, and is not used.

    `str()` is a static word for the log, naming the rule.
    """


class Issuers(Protocol):
    """The issuers that the settings name, by their keys.

    Waiting for an issuer occupies no thread: a deadline can end it at any point, also one that sends a byte now and
    then.
    """

    async def address(self, key: str, known: SignInSecrets, redirect_uri: str) -> str:
        """Return the address at the issuer where a person signs in. Raises IssuerSilent, IssuerMistaken."""

    async def redeem(self, key: str, known: SignInSecrets, answer: IssuerAnswer, redirect_uri: str) -> Vouched:
        """Exchange a code for what the issuer says about the person. Raises IssuerSilent, IssuerMistaken."""
