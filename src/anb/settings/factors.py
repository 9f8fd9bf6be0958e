"""The roles that need a second factor."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _split(text: object) -> object:
    return frozenset(one for one in re.split(r"[,\s]+", text.lower()) if one) if isinstance(text, str) else text


# Not players: what they do, the assignment's clients do with a password alone.
GuardedRole = Literal["juror", "organizer", "administrator"]
GuardedRoles = Annotated[frozenset[GuardedRole], NoDecode, BeforeValidator(_split)]


class FactorSettings(BaseSettings):
    """Which acts need a session in which a second factor was used."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    second_factor_roles: GuardedRoles = Field(
        frozenset(),
        description="Roles whose acts need a second factor: juror,organizer,administrator. Empty: none does.",
    )
