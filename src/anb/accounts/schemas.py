"""What crosses HTTP about accounts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, EmailStr, Field, StringConstraints

from anb.accounts.domain import NewAccount, PasswordsDiffer

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
# People write their address in any case; we keep and compare it in lower case.
Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]


class SignUp(BaseModel):
    """Somebody signs up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "first_name": "Lucía",
                    "last_name": "Ríos",
                    "email": "lucia@example.com",
                    "password1": "balon-naranja-7",
                    "password2": "balon-naranja-7",
                    "city": "Bogotá",
                    "country": "Colombia",
                }
            ]
        }
    )

    first_name: Name
    last_name: Name
    email: Email
    password1: Password
    password2: str = Field(max_length=128)
    city: Name
    country: Name

    def account(self) -> NewAccount:
        """Return what the service wants to know. Raises PasswordsDiffer."""
        if self.password1 != self.password2:
            raise PasswordsDiffer
        return NewAccount(self.first_name, self.last_name, self.email, self.password1, self.city, self.country)


class SignedUp(BaseModel):
    """The account was made."""

    message: Literal["Usuario creado exitosamente."] = "Usuario creado exitosamente."
    user_id: UUID
    username: str = Field(examples=["lucia.rios"])


class SignIn(BaseModel):
    """Somebody signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "lucia@example.com", "password": "balon-naranja-7"}]}
    )

    email: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^\x00]*$")
    ]
    password: str = Field(max_length=128)


class AccessToken(BaseModel):
    """A token for the Authorization header."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int = Field(3600, description="Seconds the token is good.")
