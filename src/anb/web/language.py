"""The language in which a client wants to be answered."""

import re

from fastapi import Request

from anb.sentences import DEFAULT, LANGUAGE_COOKIE, Language, catalogues

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")  # RFC 9110: neither `inf` nor `1_0`


def language_of(request: Request) -> Language:
    """Return the language that the reader has chosen, else the one that the browser prefers."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in catalogues() else _accepted(request)


def _accepted(request: Request) -> Language:
    """Read Accept-Language: the default unless another language is preferred; of equals, the one named first."""
    weights: dict[Language, float] = {DEFAULT: 0.0}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameters = part.partition(";")
        language = re.split("[-_]", tag.strip())[0].lower()
        if language in catalogues():
            weights[language] = max(weights.get(language, 0.0), _weight(parameters))
    return max(weights, key=lambda language: weights[language])


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    return float(value) if _WEIGHT.fullmatch(value) else 0.0
