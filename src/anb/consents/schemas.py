"""The HTTP schemas of consents."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from anb.accounts.schemas import Email, Name
from anb.consents.domain import Consents, ConsentStanding, NewGuardian, PlayerAnswer

EARLIEST, LATEST = 1900, 2200  # the bounds of the database; the service compares with the present year
VERSION_PATTERN = r"^\d{4}-\d{2}-\d{2}$"


class ConsentForm(BaseModel):
    """A player's agreement to the data policy, and who may authorise a minor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "2026-11-30",
                    "birth_year": 2010,
                    "guardian_name": "Marta Ríos",
                    "guardian_email": "marta@example.com",
                }
            ]
        }
    )

    version: Annotated[
        str, StringConstraints(pattern=VERSION_PATTERN), Field(description="The version of the policy that was read.")
    ]
    birth_year: int | None = Field(
        None, ge=EARLIEST, le=LATEST, description="Needed once; people without one count as minors."
    )
    guardian_name: Name | None = Field(None, description="Of a minor's parent or guardian.")
    guardian_email: Email | None = Field(None, description="Where they are asked.")

    @field_validator("birth_year", "guardian_name", "guardian_email", mode="before")
    @classmethod
    def _nothing(cls, typed: Any) -> Any:  # noqa: ANN401 - whatever the client sent
        """Read an empty field of a form as none."""
        return None if isinstance(typed, str) and not typed.strip() else typed

    @model_validator(mode="after")
    def _a_whole_guardian(self) -> "ConsentForm":
        if (self.guardian_name is None) != (self.guardian_email is None):
            raise PydanticCustomError("guardian", "needs a name and an e-mail")
        return self

    def answer(self) -> PlayerAnswer:
        """Return the input of the service."""
        guardian = None
        if self.guardian_name is not None and self.guardian_email is not None:
            guardian = NewGuardian(self.guardian_name, self.guardian_email)
        return PlayerAnswer(self.version, self.birth_year, guardian)


class GuardianShown(BaseModel):
    """The guardian who was asked last."""

    name: str
    email: str
    asked_at: datetime
    answer: Literal["confirmed", "refused", "replaced"] | None = Field(description="null: no answer yet.")


class ConsentShown(BaseModel):
    """What the caller's clips wait for, and what they agreed to."""

    standing: ConsentStanding = Field(description="`not_asked` and `given`: clips are edited; else what they wait for.")
    version: str = Field(description="The version of the data policy in force, which an agreement names.")
    policy_url: str = Field(description="Its text, in the reader's language.")
    agreed_version: str | None = Field(description="The latest version that the caller agreed to.")
    birth_year: int | None
    guardian: GuardianShown | None


def consent_shown(standing: ConsentStanding, known: Consents, version: str, base: str) -> ConsentShown:
    """Show a player what they agreed to."""
    asked = known.guardian
    return ConsentShown(
        standing=standing,
        version=version,
        policy_url=f"{base}/privacy/policy/{version}",
        agreed_version=known.player_version,
        birth_year=known.birth_year,
        guardian=None
        if asked is None
        else GuardianShown(
            name=asked.name,
            email=asked.email,
            asked_at=asked.asked_at,
            answer=None if asked.answer is None else asked.answer.value,
        ),
    )
