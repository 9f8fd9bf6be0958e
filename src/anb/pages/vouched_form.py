"""The form of a person that an issuer vouches for, and the e-mail that it gives, as we store one."""

from pydantic import BaseModel, TypeAdapter, ValidationError

from anb.accounts.domain import NewAccount
from anb.accounts.schemas import Email, Name
from anb.sentences import Language

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class VouchedSignUp(BaseModel):
    """What an issuer does not say: the account has no password, and the e-mail that the issuer verified."""

    first_name: Name
    last_name: Name
    city: Name
    country: Name

    def account(self, email: str, language: Language) -> NewAccount:
        """Return the input of the service."""
        return NewAccount(self.first_name, self.last_name, email, "", self.city, self.country, language)


def clean_email(text: str | None) -> str | None:
    """Return an address as we store it; None for a text that is not an address."""
    try:
        return _EMAIL.validate_python(text)
    except ValidationError:
        return None
