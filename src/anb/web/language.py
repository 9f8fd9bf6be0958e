"""In which of our two languages a caller wants to be answered."""

from fastapi import Request

from anb.errors import Language


def language_of(request: Request) -> Language:
    """Read Accept-Language: English when it is preferred to Spanish, Spanish in every other case."""
    weights = {"es": 0.0, "en": 0.0}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, parameters = part.partition(";")
        language = tag.strip()[:2].lower()
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return "en" if weights["en"] > weights["es"] else "es"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
