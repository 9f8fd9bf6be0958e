"""Settings of concurrent expensive work: hashing, live streams."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CapacitySettings(BaseSettings):
    """How much expensive work runs at once; clients beyond the limit are told to come back."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    hash_threads: int = Field(
        1, gt=0, description="Passwords hashed at once by a web process; each takes a processor core and 19 MiB."
    )
    hash_queue: int = Field(32, ge=0, description="Sign-ins and sign-ups that may wait for hashing; more get 503.")
    stream_most: int = Field(
        2500,
        gt=0,
        description="Live streams per process, 43 kB each; more get 503, and pages poll instead.",
    )
    stream_socket: Path | None = Field(None, description="Unix socket of the live streams, for nginx on this host.")
    stream_port: int = Field(8001, gt=0, lt=65536, description="Port of the live streams if no socket is set.")
