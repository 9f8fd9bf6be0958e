"""The announced length of a body is a plain number, or the request is refused with the reason."""

import pytest
from fastapi import Request

from anb.fields import InvalidField
from anb.web.lengths import announced


def asking(length: str) -> Request:
    return Request({"type": "http", "headers": [(b"content-length", length.encode())]})


@pytest.mark.parametrize(("length", "number"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_a_number_is_read(length: str, number: int) -> None:
    assert announced(asking(length)) == number


def test_a_missing_length_counts_as_none_announced() -> None:
    assert announced(Request({"type": "http", "headers": []})) == 0


@pytest.mark.parametrize("length", ["", "-1", "+5", "1_000", "1.5", "0x10", "9" * 19])
def test_anything_else_is_refused_as_no_whole_number(length: str) -> None:
    with pytest.raises(InvalidField) as refused:
        announced(asking(length))
    assert refused.value.findings["Content-Length"].text("es") == "Debe ser un número entero."
