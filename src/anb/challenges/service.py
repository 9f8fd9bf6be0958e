"""Makes challenges and checks their solutions by ALTCHA's library, which accepts replays: we keep what was spent."""

import secrets
from datetime import timedelta
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any

from anb.challenges.domain import (
    ChallengeExpired,
    ChallengeNeeded,
    ChallengePurpose,
    ChallengeSpent,
    ChallengeWrong,
    NoChallengeKey,
)
from anb.derived_keys import KEY_BYTES, derive
from anb.ports import Ports
from anb.settings import Settings

if TYPE_CHECKING:
    from altcha import Payload

ALGORITHM = "PBKDF2/SHA-256"  # which browsers have; scrypt and Argon2 need WebAssembly, which our pages forbid
ROUNDS = 2_000  # of each try
CLOCKS_APART = 60  # seconds by which the clocks of two web servers may differ


def issue(ports: Ports, settings: Settings, purpose: ChallengePurpose) -> dict[str, Any]:
    """Return a new challenge for one act, as ALTCHA's clients read it (version 2 of its protocol)."""
    from altcha import create_challenge  # noqa: PLC0415 - not loaded where no voter is asked

    signing, proving = _keys_of(settings)
    least = settings.challenge_tries // 2
    made = create_challenge(
        ALGORITHM,
        ROUNDS,
        # The solution is the last of these tries: no client is lucky, and none waits for more than twice the least.
        counter=least + secrets.randbelow(settings.challenge_tries - least),
        key_length=KEY_BYTES,
        expires_at=ports.clock.now() + timedelta(seconds=settings.challenge_seconds),
        data=purpose.data,
        hmac_secret=signing,
        hmac_key_secret=proving,
    )
    return dict(made.to_dict())


def find_fault(
    ports: Ports, settings: Settings, purpose: ChallengePurpose, solution: str | None
) -> type[ChallengeNeeded] | None:
    """Say what is wrong with a solution; None if it is right, which spends it."""
    if not solution:
        return ChallengeNeeded
    payload = _read(solution)
    if payload is None:
        return ChallengeWrong
    fault = _judge(settings, payload)
    if fault is not None:
        return fault
    # From here on, what the challenge says is what we signed.
    known = payload.challenge.parameters
    left = (known.expires_at or 0) - ports.clock.now().timestamp()
    if left <= 0:
        return ChallengeExpired
    if known.data != purpose.data:
        return ChallengeWrong
    key = f"challenge:{str(payload.challenge.signature)[:32]}"
    return ChallengeSpent if ports.rates.hit(key, ceil(left) + CLOCKS_APART).hits > 1 else None


def _read(solution: str) -> "Payload | None":
    """Return what a client sent; None if it is not the solution of a challenge."""
    from altcha import Payload  # noqa: PLC0415 - as above

    try:
        return Payload.from_base64(solution)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _judge(settings: Settings, payload: "Payload") -> type[ChallengeNeeded] | None:
    from altcha import verify_solution  # noqa: PLC0415 - as above

    signing, proving = _keys_of(settings)
    result = verify_solution(payload, signing, hmac_key_secret=proving)
    if result.expired:
        return ChallengeExpired
    return None if result.verified else ChallengeWrong


def _keys_of(settings: Settings) -> tuple[bytes, bytes]:
    if settings.secret_key is None:
        raise NoChallengeKey("challenges are signed with ANB_SECRET_KEY, which only web servers have")
    return _keys(settings.secret_key.get_secret_value())


@lru_cache(maxsize=4)
def _keys(secret: str) -> tuple[bytes, bytes]:
    """Derive the keys of the signature and of the proof that a solution was found."""
    return derive(secret, "anb challenges"), derive(secret, "anb solutions of challenges")
