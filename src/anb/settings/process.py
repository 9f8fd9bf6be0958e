"""The settings of one of our processes, in one frozen class."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, UrlConstraints
from pydantic.networks import AnyUrl, PostgresDsn
from pydantic_settings import SettingsConfigDict

from anb.settings.capacity import CapacitySettings
from anb.settings.challenges import ChallengeSettings
from anb.settings.consents import ConsentSettings
from anb.settings.factors import FactorSettings
from anb.settings.fraud import FraudSettings
from anb.settings.issuers import IssuerSettings
from anb.settings.jobs import JobSettings
from anb.settings.mail import MailSettings
from anb.settings.moderation import ModerationSettings
from anb.settings.origins import OriginSettings
from anb.settings.passwords import PasswordSettings
from anb.settings.photos import PhotoSettings
from anb.settings.privacy import PrivacySettings
from anb.settings.quotas import QuotaSettings
from anb.settings.rates import RateSettings
from anb.settings.sessions import SessionSettings
from anb.settings.uploads import UploadSettings
from anb.settings.video import Limits
from anb.settings.web import WebSettings

RedisUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["redis", "rediss", "redis+socket"])]
SandboxMode = Literal["auto", "require", "off"]


class Settings(
    JobSettings,
    QuotaSettings,
    UploadSettings,
    PhotoSettings,
    CapacitySettings,
    RateSettings,
    IssuerSettings,
    MailSettings,
    PasswordSettings,
    ConsentSettings,
    WebSettings,
    SessionSettings,
    FactorSettings,
    FraudSettings,
    ChallengeSettings,
    OriginSettings,
    ModerationSettings,
    PrivacySettings,
    Limits,
):
    """The settings of one of our processes. Secrets have no default."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True, extra="ignore")

    database_url: PostgresDsn = Field(
        description="PostgreSQL: postgresql://user:password@host/name, by an account that only reads and writes rows."
    )
    database_owner_url: PostgresDsn | None = Field(
        None,
        description="The same database by the account that owns the tables, for `anb migrate` and no other process; "
        "if unset, one account does both.",
    )
    redis_url: RedisUrl = Field(description="The task queue: redis://:password@host:6379/0 or redis+socket:///path.")
    media_root: Path = Field(description="The shared folder (NFS on servers) of originals and edits.")
    secret_key: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        None,
        description="Signs tokens and addresses; 32 characters or more, the same on all web servers, which need it. "
        "No other process needs it.",
    )
    vote_log_key: Annotated[SecretStr, Field(min_length=32)] | None = Field(
        None,
        description="Signs the log of votes; 32 characters or more, the same on all hosts that run `anb reconcile`, "
        "which needs it. No other process needs it. A season's log is sealed only with the key that it began with.",
    )
    work_dir: Path = Field(Path("/tmp/anb"), description="Local disk for running edits.")  # noqa: S108 - bounded by units on servers
    database_pool: int = Field(8, gt=1, description="Database connections per process; a quarter of them only read.")
    sandbox: SandboxMode = Field(
        "auto",
        description="Sandbox of probes and edits. auto: the strongest this machine has; "
        "require: nothing starts without bubblewrap; off: only limits.",
    )
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for machines.")

    @property
    def sends_mail(self) -> bool:
        """Whether mails leave the site, so that it may promise them."""
        return self.smtp_url is not None if self.mail_is_sent is None else self.mail_is_sent
