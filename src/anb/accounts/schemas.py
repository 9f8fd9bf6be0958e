"""The HTTP schemas of accounts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from anb.accounts.domain import Account, NewAccount, PasswordsDiffer
from anb.accounts.passwords import LEAST, MOST, MOST_TYPED, composed, is_common, is_personal
from anb.sentences import DEFAULT, Language
from anb.text import clean, is_blank, is_readable


def _readable(name: str) -> str:
    """Return a name as we store it: the same characters as in titles. Raises errors that pydantic reports."""
    name = clean(name)
    if is_blank(name):
        raise PydanticCustomError("blank", "must not be blank")
    if not is_readable(name):
        raise PydanticCustomError("characters", "holds characters that cannot be used")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(_readable)]
# A recovery code has 27 characters; people copy blanks with it.
MOST_CODE = 64
# People write their address in upper or lower case; we store and compare it in lower case.
Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]


# An example of the token in a link.
_TOKEN = "4bm2JrXGmFJxkGuDdZMwTo9sYJp7sBQeVJv3J0yY1lA"  # noqa: S105 - opens nothing
_TWICE = {"password1": "cesta-de-tres-9", "password2": "cesta-de-tres-9"}
_LUCIA = {
    "first_name": "Lucía",
    "last_name": "Ríos",
    "email": "lucia@example.com",
    "password1": "balon-naranja-7",
    "password2": "balon-naranja-7",
    "city": "Bogotá",
    "country": "Colombia",
}
_ADDRESS: TypeAdapter[str] = TypeAdapter(Email)


def _as_kept(email: str) -> str:
    """Return an address in the form in which accounts have it; no account has an invalid one."""
    try:
        return _ADDRESS.validate_python(email)
    except ValidationError:
        return email.lower()


def _long_enough(password: str) -> str:
    """Return a password in its composed form. Raises errors that pydantic reports."""
    password = composed(password)
    if len(password) < LEAST:
        raise PydanticCustomError("string_too_short", "at least {min_length}", {"min_length": LEAST})
    if len(password) > MOST:
        raise PydanticCustomError("string_too_long", "at most {max_length}", {"max_length": MOST})
    if is_common(password):
        raise PydanticCustomError("password_common", "among the commonest")
    return password


Password = Annotated[
    str,
    StringConstraints(max_length=MOST_TYPED),
    AfterValidator(_long_enough),
    Field(json_schema_extra={"minLength": LEAST, "maxLength": MOST}),
]


def refuse_different(password1: str, password2: str) -> None:
    """Refuse a repeated password that is another one. Raises PasswordsDiffer."""
    if password1 != composed(password2):
        raise PasswordsDiffer


class SignUp(BaseModel):
    """A sign-up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_LUCIA}]})

    first_name: Name
    last_name: Name
    email: Email
    password1: Password
    password2: str = Field(max_length=MOST_TYPED)
    city: Name
    country: Name

    @field_validator("password1")
    @classmethod
    def _not_ones_own_name(cls, password: str, known: ValidationInfo) -> str:
        """Refuse the first guesses of anyone who knows the person."""
        said = known.data
        if is_personal(password, said.get("first_name", ""), said.get("last_name", ""), said.get("email", "")):
            raise PydanticCustomError("password_personal", "is the name or the e-mail")
        return password

    def account(self, language: Language = DEFAULT) -> NewAccount:
        """Return the input of the service. Raises PasswordsDiffer."""
        refuse_different(self.password1, self.password2)
        names = self.first_name, self.last_name, self.email, self.password1, self.city, self.country
        return NewAccount(*names, language)


class InvitedSignUp(SignUp):
    """A sign-up by the `token` of an invitation; `email` is the address that was invited."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN, **_LUCIA}]})

    token: str = Field(max_length=200)


class SignedUp(BaseModel):
    """The account was created."""

    message: Literal["Usuario creado exitosamente."] = "Usuario creado exitosamente."
    id: UUID = Field(description="The same as `user_id`.")
    user_id: UUID
    username: str = Field(examples=["lucia.rios"])
    email: str
    first_name: str
    last_name: str
    city: str
    country: str


class SignIn(BaseModel):
    """A sign-in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "lucia@example.com", "password": "balon-naranja-7"}]}
    )

    email: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\x00]*$"),
        AfterValidator(_as_kept),
    ]
    password: str = Field(max_length=MOST_TYPED)
    code: str | None = Field(
        None,
        max_length=MOST_CODE,
        description="A one-time password or a recovery code, for a token that is good for jurors' and organizers' acts "
        "too. Without it, an account with a second factor gets a token for what players do.",
        examples=["123456"],
    )


class FactorCode(BaseModel):
    """A second factor for the session of this token."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: str = Field(max_length=MOST_CODE, description="A one-time password or a recovery code.")


class LinkToken(BaseModel):
    """The `token` of a link in a mail."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN}]})

    token: str = Field(max_length=200)


class Address(BaseModel):
    """An e-mail address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "lucia@example.com"}]})

    email: Email


class NewPassword(BaseModel):
    """A new password, typed twice."""

    password1: Password
    password2: str = Field(max_length=MOST_TYPED)

    def chosen(self) -> str:
        """Return the password. Raises PasswordsDiffer."""
        refuse_different(self.password1, self.password2)
        return self.password1


class Reset(NewPassword):
    """A new password, by the `token` of a link in a mail."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN, **_TWICE}]})

    token: str = Field(max_length=200)


class PasswordAgain(BaseModel):
    """The password of the account that is signed in."""

    password: str = Field(min_length=1, max_length=MOST_TYPED)


class PasswordChange(NewPassword, PasswordAgain):
    """A new password, with the old one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "balon-naranja-7", **_TWICE}]})


class AccessToken(BaseModel):
    """A token for the Authorization header."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, not a secret
    expires_in: int = Field(3600, description="Seconds until the token expires.")
    refresh_token: str = Field(description="For /api/auth/refresh, once; then its answer has the next one.")
    refresh_expires_in: int = Field(description="Seconds until the session expires unless it is refreshed.")


class RefreshToken(BaseModel):
    """The newest refresh token of a session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": "uIbSk3n8…"}]})

    refresh_token: str = Field(max_length=200)


def signed_up(account: Account) -> SignedUp:
    """Show a new account to its owner."""
    return SignedUp(
        id=account.id,
        user_id=account.id,
        username=account.username,
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        city=account.city,
        country=account.country,
    )
