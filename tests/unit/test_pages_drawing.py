"""A clip without a poster has a court and a jersey of its own."""

from uuid import UUID

import pytest

from anb.pages.drawing import COURTS, FLOORS, court, initials


def test_a_clip_keeps_its_court() -> None:
    clip = UUID("0198c0de-0000-7000-8000-000000000007")
    assert court(clip) == court(UUID(str(clip)))


def test_twenty_clips_in_a_row_play_on_twenty_courts() -> None:
    assert len({court(UUID(int=n)) for n in range(20)}) == FLOORS * len(COURTS)


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Nicolás Ospina", "N"),
        ("nelly ortiz", "N"),
        ("Nora Óscar", "N"),
        ("N\u0303ora O\u0301scar", "Ñ"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER N}ora \N{FULLWIDTH LATIN CAPITAL LETTER O}rtiz", "N"),
        ("\N{NUMERO SIGN}", "N"),
        ("Sara Ibarra", "S"),
        ("Sara Ínsua", "S"),
        ("Óscar Kuri", "Ó"),
        ("Kevin Ortega", "K"),
    ],
)
def test_a_jersey_never_reads_as_a_verdict_on_the_clip(name: str, letter: str) -> None:
    assert initials(name) == letter


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Lucía Ríos", "LR"), ("María Fernanda Castañeda", "MC"), ("óscar murillo", "ÓM"), ("Pelé", "P"), ("", ""),
     ("Núria Pérez", "NP"), ("O\u0301scar Ríos", "ÓR")],
)  # fmt: skip
def test_the_jersey_bears_first_and_last_initial(name: str, letters: str) -> None:
    assert initials(name) == letters
