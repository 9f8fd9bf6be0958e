"""A client that solves challenges, as a program does: with ALTCHA's library."""

import json
from typing import Any

from altcha import Challenge, Payload, solve_challenge


def solve(challenge: dict[str, Any]) -> str:
    """Return the solution of a challenge that was read from JSON."""
    read = Challenge.from_dict(json.loads(json.dumps(challenge)))
    found = solve_challenge(read)
    assert found is not None
    return Payload(read, found).to_base64()
