"""The choice of a language, which a browser remembers: it takes precedence over what the browser prefers."""

from fastapi import APIRouter, Request, Response

from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.view import ViewDep
from anb.sentences import LANGUAGE_COOKIE, catalogues

router = APIRouter(include_in_schema=False)

KEPT_SECONDS = 365 * 24 * 3600


@router.post("/language", dependencies=[FromOurPages])
def choose_language(request: Request, view: ViewDep, form: Typed) -> Response:
    """Remember a language and return to the page; without one of ours, the browser's preference counts again."""
    chosen, secure = form.get("language", ""), request.url.scheme == "https"
    response = view.go(place(form.get("next"), "/"))
    if chosen in catalogues():
        response.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=KEPT_SECONDS, path="/", secure=secure, httponly=True, samesite="lax"
        )
    else:
        response.delete_cookie(LANGUAGE_COOKIE, path="/", secure=secure, httponly=True, samesite="lax")
    return response
