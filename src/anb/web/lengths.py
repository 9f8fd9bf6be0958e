"""The announced length of a request body."""

import re

from fastapi import Request

from anb.fields import InvalidField, finding

_DIGITS = re.compile(r"[0-9]{1,18}")  # `int` would read `+5`, `1_000` and the digits of every script


def announced(request: Request) -> int:
    """Return Content-Length; 0 when it is missing. Raises InvalidField."""
    text = request.headers.get("content-length", "0")
    if not _DIGITS.fullmatch(text):
        raise InvalidField({"Content-Length": finding("int_parsing")})
    return int(text)
