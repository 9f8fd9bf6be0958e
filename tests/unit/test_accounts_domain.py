"""The form in which names are compared, and the public names made of them."""

from uuid import uuid4

import pytest

from anb.accounts.domain import Account, Role, fold, free_username, username_for


@pytest.mark.parametrize("spelling", ["Bogotá", "bogota", " BOGOTÁ ", "Bogota\u0301"])
def test_a_city_is_one_however_it_is_spelled(spelling: str) -> None:
    assert fold(spelling) == "bogota"


def test_words_stay_words() -> None:
    assert fold("  San   José  de Cúcuta ") == "san jose de cucuta"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("José", "Muñoz", "jose.munoz"), ("Ana María", "de la Cruz", "ana.maria.de.la.cruz"), ("李", "雷", "player")],
)
def test_a_public_name_is_plain_letters(first: str, last: str, expected: str) -> None:
    assert username_for(first, last) == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (set(), "ana"),
        ({"ana.maria", "ana2"}, "ana"),
        ({"ana"}, "ana2"),
        ({"ana", "ana3"}, "ana2"),
        ({"ana", "ana2", "ana3"}, "ana4"),
    ],
)
def test_a_public_name_that_is_taken_gets_the_first_free_number(taken: set[str], expected: str) -> None:
    assert free_username("ana", taken) == expected


def test_people_read_first_and_last_name() -> None:
    account = Account(uuid4(), "a@example.com", "lucia.rios", "Lucía", "Ríos", "Cali", "Colombia", Role.PLAYER)
    assert account.name == "Lucía Ríos"
