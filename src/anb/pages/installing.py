"""What a browser needs to install the site as an app, and the icons that browsers ask for by their own names."""

import json

from fastapi import APIRouter, Response

from anb.pages import assets
from anb.pages.view import ViewDep

router = APIRouter(include_in_schema=False)

KEPT_SECONDS = 24 * 3600
INK, PAPER = "#0b1322", "#fbf5ea"  # of the stylesheet


@router.api_route("/manifest.webmanifest", methods=["GET", "HEAD"])
def show_manifest(view: ViewDep) -> Response:
    """Describe the site as an app, in the reader's language."""
    t = view.t
    pages = {"/ranking": t("site.ranking"), "/upload": t("site.upload"), "/rules": t("site.rules")}
    described = {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": t.tag,
        "dir": "ltr",
        "name": t("site.name"),
        "short_name": "ANB",
        "description": t("site.about"),
        "categories": ["sports", "entertainment"],
        "background_color": PAPER,
        "theme_color": INK,
        "icons": [
            *(_icon(f"icon-{side}.png", f"{side}x{side}") for side in (192, 512)),
            _icon("icon-whole.png", "512x512") | {"purpose": "maskable"},
        ],
        "shortcuts": [{"name": name, "url": path} for path, name in pages.items()],
    }
    headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}", "Vary": "Accept-Language, Cookie"}
    body = json.dumps(described, ensure_ascii=False)
    return Response(body, media_type="application/manifest+json", headers=headers)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
def show_favicon() -> Response:
    """Send the icon for the address that browsers ask for without being told."""
    return assets.send("favicon.ico", f"public, max-age={KEPT_SECONDS}")


@router.api_route("/apple-touch-icon.png", methods=["GET", "HEAD"])
def show_touch_icon() -> Response:
    """Send the icon of a phone's home screen."""
    return assets.send("icon-180.png", f"public, max-age={KEPT_SECONDS}")


def _icon(name: str, sizes: str) -> dict[str, str]:
    return {"src": assets.address(name), "sizes": sizes, "type": "image/png"}
