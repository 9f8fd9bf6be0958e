"""Forms of our pages: read within bounds, accepted only from our own origin."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import ValidationError

from anb.errors import Refusal
from anb.pages.view import View
from anb.web.deps import ForeignOrigin
from anb.web.origin import is_same_origin
from anb.web.problems import MESSAGES

MOST_BYTES = 16 * 1024
MOST_FIELDS = 20

# A place of this site: one slash, then what our own addresses are made of.
_PLACE = re.compile(r"/(?![/\\])[\w\-./?=&%+]*")


class FormTooLarge(Refusal):
    """A form holds more than anybody types, or is no form."""

    code = "form-too-large"
    es = "El formulario no se puede leer. Recarga la página y vuelve a intentarlo."
    en = "The form cannot be read. Reload the page and try again."


def from_our_pages(request: Request) -> None:
    """Turn down forms that another site sends, also where nobody has signed in yet. Raises ForeignOrigin."""
    if not is_same_origin(request):
        raise ForeignOrigin


async def typed(request: Request) -> dict[str, str]:
    """Read what somebody typed into a form. Raises FormTooLarge."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise FormTooLarge
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise FormTooLarge from None


def mistakes(error: ValidationError, view: View, form: Mapping[str, str]) -> dict[str, str]:
    """Say what is wrong beside each field; a blank one is simply still to be filled in."""
    found: dict[str, str] = {}
    for item in error.errors():
        field = str(item["loc"][0])
        text = MESSAGES.get(item["type"], MESSAGES["value_error"]).text(view.t.language)
        blank = not form.get(field, "").strip()
        found.setdefault(field, view.t("form.missing") if blank else text.format(**item.get("ctx", {})))
    return found


def place(path: str | None, otherwise: str) -> str:
    """Return where to go on, if it is a place of this site."""
    return path if path and _PLACE.fullmatch(path) else otherwise


Typed = Annotated[dict[str, str], Depends(typed)]
FromOurPages = Depends(from_our_pages)
