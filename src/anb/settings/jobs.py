"""Settings of jobs and of the workers that run them."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import MIB, Seconds


class JobSettings(BaseSettings):
    """How long a job may take, how often it is tried, and how its worker shows that it is alive."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    work_free_bytes_floor: int = Field(256 * MIB, ge=0, description="No edit begins with less free space on work_dir.")
    worker_processes: int = Field(1, gt=0, description="Edits at once on this worker.")
    job_hard_seconds: Seconds = Field(900, description="An edit is killed after this time.")
    job_stall_seconds: Seconds = Field(30, description="An edit that makes nothing new for this time is killed.")
    job_attempts: int = Field(
        3, gt=0, description="Attempts that may fail because of the platform; then the job is dead."
    )
    job_deaths: int = Field(3, gt=0, description="Attempts in which the worker may die; then the job is dead.")
    turn_spacing_seconds: Seconds = Field(
        3600, description="A player's next clip counts as uploaded this much later than their last one in the queue."
    )
    origin_spacing_seconds: Seconds = Field(
        60, description="A clip counts as uploaded this much later per waiting clip of others at its address block."
    )
    lease_seconds: Seconds = Field(10, description="A job whose worker is silent for this time goes to another one.")
    heartbeat_seconds: Seconds = Field(1, description="How often a worker sends a heartbeat.")
    reconcile_seconds: Seconds = Field(3, description="How often the reconciler looks for lost jobs.")
    resend_seconds: Seconds = Field(10, description="After this time, a queued job that the broker lost is sent again.")
    stall_seconds: Seconds = Field(
        10, description="An idle worker that takes no job for this time while jobs wait is replaced."
    )

    @model_validator(mode="after")
    def _lease_outlives_heartbeats(self) -> Self:
        if self.lease_seconds < 2 * self.heartbeat_seconds:
            msg = "ANB_LEASE_SECONDS must be at least twice ANB_HEARTBEAT_SECONDS"
            raise ValueError(msg)
        return self
