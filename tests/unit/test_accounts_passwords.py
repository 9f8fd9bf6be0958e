"""Which passwords are accepted, and in which form they are compared."""

import subprocess
import sys
import unicodedata

import pytest
from pydantic import ValidationError

from anb.accounts import passwords
from anb.accounts.schemas import SignUp
from support.browser_client import form

TYPED_ON_A_MAC, TYPED_ON_A_PHONE = "balo\u0301n-naranja", "bal\u00f3n-naranja"
# Passwords with which the assignment's clients, and those of other teams, sign up.
OF_OTHERS = [
    "StrongPass123",
    "VoterPass123",
    "Password123!",
    "Test1234!",
    "SecurePass123",
    "balon-naranja-7",
    "ñandú-ñandú",
]


def refusal(**changes: str) -> str | None:
    """Return the refusal of the first password, if it is refused."""
    try:
        SignUp.model_validate(form(**changes))
    except ValidationError as error:
        return next(str(item["type"]) for item in error.errors() if item["loc"] == ("password1",))
    return None


@pytest.mark.parametrize("password", OF_OTHERS)
def test_clients_of_others_go_on(password: str) -> None:
    assert refusal(password1=password, password2=password) is None


@pytest.mark.parametrize("password", ["password", "12345678", "iloveyou", "qwertyuiop", "trustno1", "1qaz2wsx"])
def test_the_commonest_are_refused(password: str) -> None:
    assert refusal(password1=password) == "password_common"


def test_they_are_compared_as_typed() -> None:
    assert refusal(password1="Password") is None


def test_they_are_three_thousand_of_eight_letters_or_more() -> None:
    known = passwords._commonest()
    assert len(known) == 3000
    assert min(map(len, known)) == 8


@pytest.mark.parametrize(
    "password", ["Luisa Fernanda", "luisa fernanda", "LuisaFernanda", "LUISA-F@EXAMPLE.COM", "fernanda-gil"]
)
def test_ones_own_name_and_e_mail_are_refused(password: str) -> None:
    person = {"first_name": "Luisa", "last_name": "Fernanda", "email": "luisa-f@example.com"}
    expected = None if password == "fernanda-gil" else "password_personal"
    assert refusal(password1=password, **person) == expected


@pytest.mark.parametrize(
    ("password", "said"),
    [("a" * 7, "string_too_short"), ("n\u0303" * 4, "string_too_short"), ("a" * 129, "string_too_long"),
     ("n\u0303" * 128, None), ("x" * 600, "string_too_long")],
)  # fmt: skip
def test_a_length_is_that_of_the_composed_form(password: str, said: str | None) -> None:
    assert refusal(password1=password) == said


def test_the_second_may_be_typed_in_another_form() -> None:
    made = SignUp.model_validate(form(password1=TYPED_ON_A_MAC, password2=TYPED_ON_A_PHONE)).account()
    assert made.password == TYPED_ON_A_PHONE == unicodedata.normalize("NFC", TYPED_ON_A_MAC)


def test_nothing_of_the_list_is_loaded_before_it_is_needed() -> None:
    asked = "import sys, anb.accounts.schemas; print(any('zxcvbn' in name for name in sys.modules))"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
