"""The outcome of a rule for a clip, for the player's refusal and for `anb media explain`."""

from dataclasses import dataclass

from anb.errors import Refusal


@dataclass(frozen=True)
class RuleCheck:
    """The outcome of one rule."""

    rule: str
    limit: str
    found: str
    refusal: Refusal | None
