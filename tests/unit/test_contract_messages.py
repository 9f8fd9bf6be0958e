"""The messages that the contract's clients compare: word for word, whatever language they ask for."""

import pytest
from pydantic import BaseModel

from anb.accounts.schemas import SignedUp
from anb.contest.domain import AlreadyVoted
from anb.contest.schemas import Voted
from anb.sentences import catalogues
from anb.videos.schemas import Deleted, Submitted


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (SignedUp, "Usuario creado exitosamente."),
        (Submitted, "Video subido correctamente. Procesamiento en curso."),
        (Deleted, "El video ha sido eliminado exitosamente."),
        (Voted, "Voto registrado exitosamente."),
    ],
)
def test_what_succeeds_says_so_in_the_words_of_the_contract(answer: type[BaseModel], message: str) -> None:
    assert answer.model_fields["message"].default == message


@pytest.mark.parametrize("language", catalogues())
def test_a_second_vote_is_refused_in_the_words_of_the_contract(language: str) -> None:
    assert AlreadyVoted().text(language) == "Ya has votado por este video."
