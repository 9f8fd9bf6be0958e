"""Settings of the data policy: the controller of people's data, how long clips wait for consent, and profiles."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from anb.settings.rates import Rate

UNNAMED = "(…)"


class ConsentSettings(BaseSettings):
    """The controller of the data policy, and the limits of consent and of profiles."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    controller_name: str = Field(UNNAMED, description="The controller of people's data, as the data policy names them.")
    controller_id: str = Field(UNNAMED, description="The NIT or other identification of the controller.")
    controller_address: str = Field(UNNAMED, description="The address of the controller.")
    controller_email: str = Field(UNNAMED, description="Where people ask for their rights.")
    controller_phone: str = Field(UNNAMED, description="The same, by telephone.")
    consent_wait_days: int = Field(
        30, gt=0, description="Days a clip may wait for consent; then it is deleted with its files."
    )
    consent_oldest_version: str = Field(
        "",
        pattern=r"^(\d{4}-\d{2}-\d{2})?$",
        description="Consents to versions of the data policy before this one no longer count; empty: all count.",
    )
    city_changes: int = Field(1, ge=0, description="How often a person may change their city within a season.")
    rate_guardian: Rate = Field(
        "3/hour;10/day", description="Mails to guardians that an account causes; and of sign-ups, to one address."
    )
    rate_guardian_block: Rate = Field("60/hour;200/day", description="The same, from an address block.")
