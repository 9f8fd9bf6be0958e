"""Settings of password hashes: what one costs us, and a thief of the database."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class PasswordSettings(BaseSettings):
    """The parameters of Argon2id: OWASP's first choice. Others apply to a password when its owner next signs in."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    argon2_passes: int = Field(2, gt=0, description="Argon2id of passwords: passes over the memory.")
    argon2_kib: int = Field(19 * 1024, ge=8, description="Argon2id: KiB of memory that a hash takes.")
    argon2_lanes: int = Field(1, gt=0, description="Argon2id: lanes, each at least 8 KiB.")
