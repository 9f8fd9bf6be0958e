"""Settings of mail: the mail server, and how long an attempt may take."""

from typing import Annotated, Self

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr, UrlConstraints, model_validator
from pydantic.networks import AnyUrl, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.video import Seconds


def _without_password(url: AnyUrl) -> AnyUrl:
    if url.username or url.password:
        raise ValueError("write the user and the password as ANB_SMTP_USER and ANB_SMTP_PASSWORD")
    return url


def _mailbox(text: str) -> str:
    """Check a sender, such as `ANB Rising Stars <no-reply@anb.example>`."""
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 30 ms, and few have a sender

    try:
        validate_email(text, allow_display_name=True, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return text


SmtpUrl = Annotated[
    AnyUrl,
    UrlConstraints(allowed_schemes=["smtps", "smtp", "smtp+plain"], host_required=True),
    AfterValidator(_without_password),
]


_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


def port_of(url: AnyUrl) -> int:
    """Return the port of a mail server."""
    return url.port or _PORTS[url.scheme]


class MailSettings(BaseSettings):
    """How mail leaves; only `anb mail serve` sends any."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    smtp_url: SmtpUrl | None = Field(
        None,
        description="The mail server: smtps://host:465 (TLS), smtp://host:587 (STARTTLS, required) or "
        "smtp+plain://host (neither, for a server on this machine). If unset, mails are held.",
    )
    smtp_user: str | None = Field(None, description="User at the mail server; none: it asks for no password.")
    smtp_password: SecretStr | None = Field(None, description="Their password.")
    smtp_seconds: Seconds = Field(15, description="How long the mail server may take for each answer.")
    mail_from: Annotated[str, AfterValidator(_mailbox)] | None = Field(
        None, description="Sender of all mails: ANB Rising Stars <no-reply@anb.example>."
    )
    mail_senders: int = Field(2, gt=0, description="Mails sent at once.")
    mail_attempts: int = Field(
        24, gt=0, description="Attempts at a mail, up to an hour apart; then it is dead, and an operator may retry it."
    )
    mail_lease_seconds: Seconds = Field(
        120, description="A mail whose sender is silent for this time is sent by another; half of it ends an attempt."
    )
    mail_poll_seconds: Seconds = Field(1, description="How often an idle sender looks for mails.")
    mail_kept_days: int = Field(90, gt=0, description="Days for which the row of a mail that ended is kept.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("ANB_MAIL_FROM is needed with ANB_SMTP_URL")
        return self


class SenderSettings(MailSettings):
    """Everything that `anb mail serve` needs: a database and a mail server, and no key of the site."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True, extra="ignore")

    database_url: PostgresDsn
    public_url: AnyHttpUrl | None = None
    log_format: str = "text"

    @model_validator(mode="after")
    def _has_both(self) -> Self:
        if (self.smtp_user is None) is not (self.smtp_password is None):
            raise ValueError("ANB_SMTP_USER and ANB_SMTP_PASSWORD go together")
        return self

    @property
    def site(self) -> str | None:
        """The address of the site, to put before links; mails are held without it."""
        return None if self.public_url is None else str(self.public_url).rstrip("/")

    @property
    def can_send(self) -> bool:
        """Whether mails can leave."""
        return self.smtp_url is not None and self.public_url is not None
