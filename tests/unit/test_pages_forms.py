"""Where a form may redirect people: only to places of this site."""

import pytest
from pydantic import ValidationError

from anb.accounts.passwords import LEAST
from anb.accounts.schemas import SignUp
from anb.pages.forms import place
from anb.pages.view import with_query


@pytest.mark.parametrize("path", ["/", "/me", "/videos/0198c0de-0000-7000-8000-000000000007", "/?city=Bogot%C3%A1&x=1"])
def test_places_of_this_site_are_kept(path: str) -> None:
    assert place(path, "/otherwise") == path


@pytest.mark.parametrize(
    "path",
    [None, "", "me", "//evil.example", "/\\evil.example", "https://evil.example/", "/\r\nSet-Cookie: a=b", "/a\tb",
     "javascript:alert(1)", "/@evil.example:80", "/me\n"],
)  # fmt: skip
def test_everything_else_is_not(path: str | None) -> None:
    assert place(path, "/otherwise") == "/otherwise"


def test_an_address_holds_only_parameters_that_have_a_value() -> None:
    assert with_query("/", city="San José", cursor="") == "/?city=San+Jos%C3%A9"
    assert with_query("/ranking", city=None) == "/ranking"


def test_the_form_asks_for_as_long_a_password_as_the_server_does() -> None:
    known = {"first_name": "Ana", "last_name": "Paz", "email": "ana@example.com", "city": "Cali", "country": "Colombia"}
    for length in (LEAST - 1, LEAST):
        word = "x" * length
        try:
            SignUp.model_validate(known | {"password1": word, "password2": word})
        except ValidationError:
            assert length < LEAST
        else:
            assert length == LEAST
