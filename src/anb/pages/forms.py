"""Forms of our pages: read within bounds, accepted only from our own origin."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import ValidationError

from anb.errors import Refusal
from anb.fields import finding
from anb.pages.view import View
from anb.web.deps import ForeignOrigin
from anb.web.origin import is_same_origin

MOST_BYTES = 16 * 1024
MOST_FIELDS = 20
# Of the organizers' forms: the rules of a season, with its cities.
WIDE_BYTES = 60 * 1024
WIDE_FIELDS = 80

# A path of this site: one slash, then characters of our own addresses.
_PLACE = re.compile(r"/(?![/\\])[\w\-./?=&%+]*")


class FormTooLarge(Refusal):
    """The form is larger than a person types, or is not a form."""

    code = "form-too-large"


def from_our_pages(request: Request) -> None:
    """Refuse forms that another site sends, even before a person has signed in. Raises ForeignOrigin."""
    if not is_same_origin(request):
        raise ForeignOrigin


async def typed(request: Request) -> dict[str, str]:
    """Read the fields of a form. Raises FormTooLarge."""
    return await _read(request, MOST_BYTES, MOST_FIELDS)


async def typed_wide(request: Request) -> dict[str, str]:
    """Read the fields of an organizers' form. Raises FormTooLarge."""
    return await _read(request, WIDE_BYTES, WIDE_FIELDS)


async def _read(request: Request, most_bytes: int, most_fields: int) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise FormTooLarge
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=most_fields))
    except ValueError:
        raise FormTooLarge from None


def mistakes(error: ValidationError, view: View, form: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with each field; a blank one only needs to be filled in."""
    found: dict[str, str] = {}
    for item in error.errors():
        field = str(item["loc"][0])
        text = finding(item["type"], item.get("ctx")).text(view.t.language)
        blank = not form.get(field, "").strip()
        found.setdefault(field, view.t("form.missing") if blank else text)
    return found


def place(path: str | None, otherwise: str) -> str:
    """Return the path to continue at, if it is on this site; else `otherwise`."""
    return path if path and _PLACE.fullmatch(path) else otherwise


Typed = Annotated[dict[str, str], Depends(typed)]
TypedWide = Annotated[dict[str, str], Depends(typed_wide)]
FromOurPages = Depends(from_our_pages)
