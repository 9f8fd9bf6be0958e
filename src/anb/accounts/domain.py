"""What an account is, and what it refuses."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from anb.errors import Refusal


class Role(StrEnum):
    """What somebody may do; everybody may upload and vote."""

    PLAYER = "player"
    JUROR = "juror"
    ORGANIZER = "organizer"


@dataclass(frozen=True)
class Account:
    """A person we know."""

    id: UUID
    email: str
    username: str
    first_name: str
    last_name: str
    city: str
    country: str
    role: Role

    @property
    def name(self) -> str:
        """The name people read."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class NewAccount:
    """What somebody who signs up tells us; already checked to be well-formed."""

    first_name: str
    last_name: str
    email: str
    password: str
    city: str
    country: str


class EmailTaken(Refusal):
    """Somebody signed up with this e-mail before."""

    code = "email-taken"
    es = "Ya existe una cuenta con este correo."
    en = "There is an account with this e-mail already."


class PasswordsDiffer(Refusal):
    """password1 and password2 are not the same."""

    code = "passwords-differ"
    es = "Las contraseñas no coinciden."
    en = "The passwords differ."


class WrongCredentials(Refusal):
    """No account has this e-mail and password; which of the two is wrong is not said."""

    status = 401
    code = "wrong-credentials"
    es = "Correo o contraseña incorrectos."
    en = "Wrong e-mail or password."


class OrganizersOnly(Refusal):
    """Only an organizer may do this."""

    status = 403
    code = "organizers-only"
    es = "Esto es solo para la organización."
    en = "This is for organizers only."


class AccountNotFound(Refusal):
    """No account has this e-mail or id."""

    status = 404
    code = "account-not-found"
    es = "Esta cuenta no existe."
    en = "There is no such account."


def fold(text: str) -> str:
    """Reduce a name to what people compare: Bogotá, bogota and BOGOTÁ are one city."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(kept.split())


def username_for(first_name: str, last_name: str) -> str:
    """Propose a public name: jose.munoz for José Muñoz; `player` where nothing of the name can be written so."""
    words = f"{fold(first_name)} {fold(last_name)}".split()
    letters = ["".join(letter for letter in word if letter.isascii() and letter.isalnum()) for word in words]
    return ".".join(word for word in letters if word)[:40] or "player"
