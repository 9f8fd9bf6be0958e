"""Settings of uploads: their process, resumable uploads, free space, idempotency, probes."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import MIB, Seconds


class UploadSettings(BaseSettings):
    """How much may be uploaded, and how long an upload may take."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    upload_socket: Path | None = Field(None, description="Unix socket of the upload process, for nginx and `anb web`.")
    upload_port: int = Field(8002, gt=0, lt=65536, description="Port of the upload process if no socket is set.")
    upload_pool: int = Field(4, gt=1, description="Database connections of the upload process.")
    free_bytes_floor: int = Field(512 * MIB, ge=0, description="Uploads are refused (507) below this much free space.")
    upload_open_count: int = Field(5, gt=0, description="Resumable uploads a player may have open at once.")
    upload_open_bytes: int = Field(300 * MIB, gt=0, description="Their total size once they are complete.")
    upload_expires_seconds: int = Field(
        24 * 3600, gt=0, description="A resumable upload expires when it receives no byte for this time."
    )
    upload_lease_seconds: Seconds = Field(5, description="A write lock without a byte for this time can be taken over.")
    upload_floor_bytes: int = Field(
        2048, ge=0, lt=60_000, description="An upload with fewer bytes per second on average is ended (408)."
    )
    upload_floor_seconds: Seconds = Field(60, description="Period of that average; a pause may last this long.")
    upload_deadline_seconds: int = Field(
        3600, gt=0, description="How long one request may send; a resumable upload continues with another."
    )
    uploads_at_once: int = Field(
        32, gt=0, description="Uploads that one account may send at once, to one upload process."
    )
    idempotency_seconds: int = Field(24 * 3600, gt=0, description="How long an Idempotency-Key is remembered.")
    sweep_age_seconds: int = Field(
        24 * 3600, ge=3600, description="Files that no row knows are kept until they are this old."
    )
    probes: int = Field(2, gt=0, description="Probes at once on this host.")
    probe_seconds: Seconds = Field(
        10,
        description="A probe is killed after this time, waits for a processor not counted; "
        "and after ten seconds of processor time at the latest.",
    )
