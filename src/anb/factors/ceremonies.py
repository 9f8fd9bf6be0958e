"""The ceremonies of WebAuthn, by py_webauthn. Imported by the requests that need it: it brings 160 modules."""

import json

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from anb.factors.domain import KeyOwner, Passkey, PasskeyRefused, RelyingParty

NAME = "ANB Rising Stars"
# A passkey alone signs in, so its authenticator must have seen its owner's finger, face or PIN: that makes two factors.
VERIFICATION = UserVerificationRequirement.REQUIRED
# What py_webauthn raises for an answer that it cannot read: a few of its readers raise Python's own errors.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def registration_options(
    party: RelyingParty, owner: KeyOwner, known: list[bytes], milliseconds: int
) -> tuple[str, bytes]:
    """Return the options to make a passkey with, and their challenge. A device has at most one for an account."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_id=owner.id.bytes,
        user_name=owner.email,
        user_display_name=owner.name,
        timeout=milliseconds,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFICATION
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options), options.challenge


def sign_in_options(party: RelyingParty, milliseconds: int) -> tuple[str, bytes]:
    """Return the options to sign in with a passkey, whosever it is, and their challenge."""
    options = generate_authentication_options(rp_id=party.id, timeout=milliseconds, user_verification=VERIFICATION)
    return options_to_json(options), options.challenge


def read_registration(party: RelyingParty, challenge: bytes, answer: str) -> VerifiedRegistration:
    """Return the passkey that an authenticator has made. Raises PasskeyRefused."""
    try:
        return verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused from error


def read_owner(answer: str) -> tuple[bytes, bytes]:
    """Return the credential that signed an answer, and the user handle with it. Raises PasskeyRefused."""
    try:
        known = json.loads(answer)
        return base64url_to_bytes(known["rawId"]), base64url_to_bytes(known["response"]["userHandle"])
    except _UNREADABLE as error:
        raise PasskeyRefused from error


def check_sign_in(party: RelyingParty, challenge: bytes, passkey: Passkey, answer: str) -> int:
    """Return the counter of an authenticator that has signed a challenge. Raises PasskeyRefused.

    The caller compares the counter with the one kept, in the statement that keeps the new one.
    """
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused from error
    return verified.new_sign_count
