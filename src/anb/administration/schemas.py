"""The HTTP schemas of accounts as organizers and administrators see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anb.accounts.directory import ListedAccount
from anb.accounts.domain import Role
from anb.accounts.schemas import Email
from anb.administration.service import AccountDetails
from anb.consents.schemas import EARLIEST, LATEST
from anb.privacy.domain import Export
from anb.sentences import Language

ActReason = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)],
    Field(description="Why, for the audit trail; a person's data is not needed."),
]


class Listable(BaseModel):
    """A schema that reads what services return, by field name."""

    model_config = ConfigDict(from_attributes=True)


class UserListed(Listable):
    """An account in a list: what tells it from others, and no more."""

    id: UUID
    username: str = Field(description="The short public name.", examples=["lucia.rios"])
    role: Role
    is_confirmed: bool = Field(description="Whether the person has proved that the e-mail is theirs.")


class UserChange(Listable):
    """A change of a profile."""

    field: str = Field(description="`public_name`, `city` or `birth_year`.")
    before: str | None
    after: str | None
    who: str = Field(description="`the person`, the id of an organizer's account, or an operator.")
    changed_at: datetime


class UserShown(UserListed):
    """An account, with what is needed to know its owner and to judge what they ask for."""

    email: str
    email_confirmed_at: datetime | None
    first_name: str
    last_name: str
    public_name: str | None = Field(description="What the public reads in place of the real name, if they chose one.")
    city: str
    country: str
    language: Language = Field(description="Of their mails.")
    birth_year: int | None = Field(description="Null if they never said it.")
    has_second_factor: bool
    sessions: int = Field(description="Browsers and programs in which the account is signed in.")
    erased_from: datetime | None = Field(
        description="When its erasure begins; null if it was not asked for. Signing in before cancels it."
    )
    changes: list[UserChange] = Field(description="The history of the profile, oldest first.")


class NewRole(BaseModel):
    """The role that a person gets."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "juror", "reason": "Juror for Cali."}]})

    role: Role
    reason: ActReason = ""


class BirthYear(BaseModel):
    """A person's year of birth."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"year": 2009}]})

    year: int = Field(ge=EARLIEST, le=LATEST)


class ErasureWanted(BaseModel):
    """Why an account is to be erased."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Asked for by letter of 3 November."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] = Field(
        description="For the audit trail; a person's data is not needed."
    )


class InvitationWanted(BaseModel):
    """An invitation: the address, the role, and the language of the mail."""

    email: Email
    role: Role
    language: Language


class LinkSent(BaseModel):
    """A link for another person: in a mail to them, or for the caller to hand over."""

    mailed: bool = Field(description="Whether the link was mailed.")
    link: str | None = Field(description="Where this site sends no mail: the link, to hand to that person alone.")


class Unlocked(BaseModel):
    """The second factors of an account were removed."""

    removed: int = Field(description="How many second factors the account had.")


class ArchiveAsked(BaseModel):
    """An archive of a person's data is being made; only they can fetch it, at `/account/export`."""

    asked_at: datetime


def user_listed(found: ListedAccount) -> UserListed:
    """Show an account in a list."""
    return UserListed.model_validate(found)


def user_shown(details: AccountDetails) -> UserShown:
    """Show an account to an organizer."""
    changes = [UserChange.model_validate(change) for change in details.changes]
    return UserShown.model_validate(
        {**vars(details.account), **vars(details), "is_confirmed": details.account.is_confirmed, "changes": changes}
    )


def link_sent(link: str | None, site: str) -> LinkSent:
    """Show where a link went."""
    return LinkSent(mailed=link is None, link=None if link is None else f"{site}{link}")


def archive_asked(export: Export) -> ArchiveAsked:
    """Show that an archive was asked for."""
    return ArchiveAsked(asked_at=export.asked_at)
