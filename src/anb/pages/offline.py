"""The page for times without a network, and the service worker that keeps it. No other page is kept."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query, Response

from anb.pages import assets
from anb.pages.view import View, ViewDep
from anb.pages.wording import wording
from anb.sentences import catalogues

router = APIRouter(include_in_schema=False)

# What a worker may do: ask our own server.
POLICY = "default-src 'none'; connect-src 'self'"

Asked = Annotated[str, Query(max_length=20)]


@router.api_route("/offline", methods=["GET", "HEAD"])
def show_offline(view: ViewDep, language: Asked = "") -> Response:
    """Show what a browser shows without a network, in a language that the address names."""
    return _page(view, language)


@router.api_route("/sw.js", methods=["GET", "HEAD"])
def show_worker(view: ViewDep, language: Asked = "") -> Response:
    """Send the worker, which changes with the page and the files that it keeps; where it is off, one that ends it."""
    if view.settings.offline_page:
        edition = sha256(bytes(_page(view, language).body)).hexdigest()[:12]
        text = f'const [VERSION, EDITION] = ["{assets.VERSION}", "{edition}"];\n{assets.text("sw.js")}'
    else:
        text = assets.text("sw_end.js")
    headers = assets.HEADERS | {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(text, media_type="text/javascript", headers=headers)


def _page(view: View, language: str) -> Response:
    if language in catalogues():
        view.t = wording(language)
    return view.show("offline.html")
