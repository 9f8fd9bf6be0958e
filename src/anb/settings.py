"""Every setting of every part, in one frozen class; each comes from the environment as ANB_<NAME>."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AnyHttpUrl, Field, SecretStr, UrlConstraints, ValidationError, model_validator
from pydantic.networks import AnyUrl, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.errors import AnbError

RedisUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "redis+socket"])]
Seconds = Annotated[float, Field(gt=0)]
SandboxMode = Literal["auto", "require", "off"]

MIB = 1024 * 1024
# Around the file of an upload: boundaries, part headers, the small fields. The same in nginx and here.
UPLOAD_OVERHEAD_BYTES = MIB

S = TypeVar("S", bound=BaseSettings)


class WrongSetting(AnbError):
    """A setting is missing or has a value that cannot be; the text names each with its reason."""


class Limits(BaseSettings):
    """The rules of the contest's video, each a number of its own (contract, "The video rules")."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    upload_max_bytes: int = Field(100 * MIB, gt=0, description="Largest clip, in bytes of file (not of request).")
    clip_min_seconds: Seconds = Field(20, description="Shortest clip.")
    clip_max_seconds: Seconds = Field(60, description="Longest clip.")
    clip_min_side: int = Field(1080, gt=0, description="Least pixels of the clip's shorter side.")
    clip_max_side: int = Field(8192, gt=0, description="Most pixels of the clip's longer side; protects the worker.")
    edit_clip_seconds: Seconds = Field(30, description="Most seconds of the player's clip in the edit.")
    edit_bumper_seconds: Seconds = Field(2.5, le=2.5, description="Length of the opening, and of the closing.")

    @model_validator(mode="after")
    def _window_is_open(self) -> Self:
        if self.clip_min_seconds > self.clip_max_seconds:
            msg = "must not exceed ANB_CLIP_MAX_SECONDS"
            raise ValueError(msg)
        return self


class Settings(Limits):
    """What one process of ours needs to know. There is no default for a secret."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True, extra="ignore")

    database_url: PostgresDsn = Field(description="PostgreSQL: postgresql://user:password@host/name.")
    redis_url: RedisUrl = Field(description="The task queue: redis://:password@host:6379/0 or redis+socket:///path.")
    media_root: Path = Field(description="The shared folder (NFS on servers) of originals and edits.")
    secret_key: SecretStr = Field(min_length=32, description="Signs tokens and addresses; the same on all web servers.")

    work_dir: Path = Field(Path("/tmp/anb"), description="Local disk for edits in the making.")  # noqa: S108 - bounded by units on servers
    public_url: AnyHttpUrl | None = Field(None, description="Address people use; without it, the one of the request.")
    web_socket: Path | None = Field(None, description="Unix socket of the web application, for nginx on this host.")
    web_host: str = Field("127.0.0.1", description="Address the web application listens on where no socket is set.")
    web_port: int = Field(8000, gt=0, lt=65536, description="Port of the web application.")
    web_threads: int = Field(24, gt=0, description="Requests worked on at once; each may hold one connection.")
    web_stop_seconds: int = Field(
        8, gt=0, description="What a web process that is told to stop may take to answer all."
    )
    database_pool: int = Field(8, gt=1, description="Database connections of one process at most; a quarter only read.")
    free_bytes_floor: int = Field(512 * MIB, ge=0, description="Uploads are refused (507) below this much free space.")
    work_free_bytes_floor: int = Field(256 * MIB, ge=0, description="No edit begins with less free space on work_dir.")

    upload_open_count: int = Field(5, gt=0, description="Resumable uploads a player may have open at once.")
    upload_open_bytes: int = Field(300 * MIB, gt=0, description="What these may weigh together once they are whole.")
    upload_expires_seconds: int = Field(
        24 * 3600, gt=0, description="A resumable upload is given up when nothing of it came for this long."
    )
    upload_lease_seconds: Seconds = Field(5, description="A resumable upload is another's once no byte came this long.")
    idempotency_seconds: int = Field(24 * 3600, gt=0, description="How long an Idempotency-Key is remembered.")
    sweep_age_seconds: int = Field(
        24 * 3600, ge=3600, description="Files that no row knows are left alone until they are this old."
    )

    probes: int = Field(2, gt=0, description="Probes at once on this host.")
    probe_seconds: Seconds = Field(
        10, description="A probe is killed after this long; after ten seconds of processor time at most."
    )

    sandbox: SandboxMode = Field(
        "auto",
        description="Walls around probes and edits. auto: the thickest this machine has; "
        "require: nothing starts without bubblewrap; off: limits alone.",
    )
    worker_processes: int = Field(1, gt=0, description="Edits at once on this worker.")
    job_hard_seconds: Seconds = Field(900, description="An edit is killed after this long.")
    job_stall_seconds: Seconds = Field(30, description="An edit that makes nothing new for this long is killed.")
    job_attempts: int = Field(3, gt=0, description="Tries of one job that may end by a fault of ours; then it is dead.")
    job_deaths: int = Field(3, gt=0, description="Tries of one job in which the worker may die; then it is dead.")
    turn_spacing_seconds: Seconds = Field(
        3600, description="A player's next clip counts as uploaded this long after the one they have in line."
    )
    lease_seconds: Seconds = Field(10, description="A job whose worker says nothing for this long is given to another.")
    heartbeat_seconds: Seconds = Field(1, description="How often a worker says that it lives.")
    reconcile_seconds: Seconds = Field(3, description="How often lost jobs are looked for.")
    resend_seconds: Seconds = Field(10, description="A queued job is sent again after this long, if the queue lost it.")

    stall_seconds: Seconds = Field(
        10, description="A worker that takes nothing for this long, though it is free and jobs wait, is replaced."
    )

    token_seconds: int = Field(3600, gt=0, description="How long an access token is good.")
    signature_seconds: int = Field(3600, gt=0, description="How long a signed address is good.")
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for machines.")

    @model_validator(mode="after")
    def _lease_outlives_heartbeats(self) -> Self:
        if self.lease_seconds < 2 * self.heartbeat_seconds:
            msg = "ANB_LEASE_SECONDS must be at least twice ANB_HEARTBEAT_SECONDS"
            raise ValueError(msg)
        return self


class StackSettings(Limits):
    """What `anb up` needs to know: where its data lives and where it listens. An engine named here is not started."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="Data folder of the stack on one machine.")
    http_host: str = Field("127.0.0.1", description="Address nginx listens on; 0.0.0.0 lets phones on your network in.")
    http_port: int = Field(8080, gt=0, lt=65536, description="Port nginx listens on.")
    database_url: PostgresDsn | None = Field(None, description="An outside PostgreSQL instead of the embedded one.")
    redis_url: RedisUrl | None = Field(None, description="An outside Redis or Valkey instead of the embedded one.")
    media_root: Path | None = Field(None, description="A shared folder instead of one in the data folder.")
    public_url: AnyHttpUrl | None = Field(None, description="Address people use, where it is not this machine's.")
    sandbox: SandboxMode = Field("auto", description="Walls around probes and edits, as above.")


def load(kind: type[S], **known: Any) -> S:  # noqa: ANN401 - handed to pydantic, which types it
    """Read settings from the environment. Raises WrongSetting, which names each wrong value and why."""
    try:
        return kind(**known)
    except ValidationError as error:
        raise WrongSetting("\n".join(_complaints(error))) from None


def env_file(path: Path) -> None:
    """Take settings the environment does not have from a KEY=VALUE file, such as the one `anb up` keeps."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and name.startswith("ANB_"):
            os.environ.setdefault(name, value)


def of_here() -> Settings:
    """Read the settings: the environment's, or those of the stack that runs here. Raises WrongSetting."""
    env_file(Path(os.environ.get("ANB_DATA_DIR", "var")) / "anb.env")
    return load(Settings)


def _complaints(error: ValidationError) -> list[str]:
    return [
        f"ANB_{'_'.join(str(part) for part in item['loc']).upper() or 'SETTINGS'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)
    ]
