"""Settings of the search for accounts that seem to belong to the same person."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FraudSettings(BaseSettings):
    """From how many accounts on something is suspicious. docs/packages/fraud.md says why these numbers."""

    model_config = SettingsConfigDict(env_prefix="ANB_", frozen=True)

    fraud_minutes: int = Field(5, gt=0, description="Minutes between two searches for accounts of the same person.")
    fraud_mailbox_accounts: int = Field(
        4, ge=2, description="Accounts whose e-mail addresses lead to one mailbox make a cluster from this many on."
    )
    fraud_device_accounts: int = Field(
        6, ge=2, description="Accounts that were used on one device make a cluster from this many on."
    )
    fraud_burst_accounts: int = Field(
        20,
        ge=2,
        description="Sign-ups from one address block, without a device of their own, within "
        "`ANB_FRAUD_BURST_MINUTES` make a cluster from this many on.",
    )
    fraud_burst_minutes: int = Field(60, gt=0, description="The length of such a burst of sign-ups, in minutes.")
