"""Settings of rate limits: how often a client may do something, and which networks are exempt."""

from ipaddress import ip_network
from typing import Annotated

from limits import parse_many
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _rate(text: str) -> str:
    """Check the syntax, such as `10/minute;100/hour`; an empty text means no limit."""
    if text:
        parse_many(text)
    return text


def networks(text: str) -> list[str]:
    """Read a list of networks. Raises ValueError."""
    return [str(ip_network(one)) for one in text.replace(",", " ").split()]


def _networks(text: str) -> str:
    networks(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Networks = Annotated[str, AfterValidator(_networks)]


class RateNetworks(BaseSettings):
    """The settings of rate limits that nginx needs too."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    rate_exempt_networks: Networks = Field(
        "127.0.0.0/8, ::1/128",
        description="Networks without rate limits, caps and quotas: this machine; a load test, a school.",
    )
    rate_requests: int = Field(
        100,
        gt=0,
        description="Requests per second of one address block; nginx admits bursts of ten seconds' worth.",
    )


class RateSettings(RateNetworks):
    """How often a client may act: `amount/period` or `amount/number period`, joined by `;`. Empty: no limit."""

    rate_sign_up: Rate = Field("400/10 minute;2000/day", description="Sign-ups from an address block.")
    rate_sign_in: Rate = Field(
        "5/minute;20/hour;50/day", description="Failed sign-ins for one account from one address."
    )
    rate_sign_in_block: Rate = Field(
        "200/10 minute;2000/day", description="Failed sign-ins from an address block, for all accounts."
    )
    rate_sign_in_line: Rate = Field(
        "10/10 minute;50/day", description="Failed sign-ins from one address, once its block is over its limit."
    )
    rate_mail: Rate = Field(
        "5/hour;10/day", description="Mails to an address that anybody may ask for: confirmation, reset, change."
    )
    rate_mail_asked: Rate = Field("5/10 minute;20/day", description="Requests for such mails by an account.")
    rate_mail_block: Rate = Field("100/10 minute;500/day", description="Requests for such mails from an address block.")
    rate_password: Rate = Field("10/10 minute;50/day", description="Times that an account gives its password again.")
    rate_refresh: Rate = Field("1000/10 minute;20000/day", description="Refreshed tokens of an address block.")
    rate_code: Rate = Field(
        "5/minute;20/hour;50/day", description="Wrong second-factor codes for one account from one address."
    )
    rate_code_account: Rate = Field(
        "20/hour;40/day",
        description="The same from all addresses, except in browsers where the account signed in before.",
    )
    rate_passkey: Rate = Field("100/minute", description="Sign-ins with a passkey begun from one address.")
    rate_issuer_block: Rate = Field(
        "200/10 minute;2000/day", description="Sign-ins with an issuer that are begun from an address block."
    )
    rate_vote: Rate = Field("60/minute;1000/day", description="Votes of an account.")
    rate_vote_block: Rate = Field("1000/10 minute;5000/day", description="Votes from an address block.")
    rate_upload: Rate = Field("60/hour", description="Uploads that an account begins.")
    rate_upload_block: Rate = Field("400/hour", description="Uploads begun from an address block.")
    rate_photo: Rate = Field("20/hour;60/day", description="Photos that an account sends of itself.")
    rate_report: Rate = Field("10/hour;30/day", description="Reports of an account about clips.")
    rate_report_block: Rate = Field("60/hour;200/day", description="Reports from an address block, of all accounts.")
    rate_report_alone: Rate = Field("5/hour;15/day", description="Reports without an account from an address block.")
    rate_change: Rate = Field("120/minute", description="Deletions, cancellations and jury scores of an account.")
    rate_read: Rate = Field("6000/minute", description="Lists and searches from an address block, except cached ones.")
    rate_search: Rate = Field("1200/minute", description="Searches and suggestions from an address block.")
    rate_log: Rate = Field("6000/minute", description="Files of the log of votes from an address block.")
