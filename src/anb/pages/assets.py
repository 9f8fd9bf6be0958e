"""Stylesheet, scripts and logo, served at addresses that change with them, so that browsers may keep them."""

from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

router = APIRouter(prefix="/static", include_in_schema=False)

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "txt": "text/plain"} | {
    "png": "image/png",
    "ico": "image/x-icon",
}
_FILES = {
    file.name: file.read_bytes()
    for file in files("anb.pages").joinpath("static").iterdir()
    if file.name.rpartition(".")[2] in _TYPES
}
# One version for all of them: modules import each other by relative address.
VERSION = sha256(b"".join(name.encode() + body for name, body in sorted(_FILES.items()))).hexdigest()[:12]
HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
# A worker has the policy of its own script, not that of the page: without one, it could ask our API for nothing.
WORKERS = {"recount.js": {"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}}


def address(name: str) -> str:
    """Return the address of one of our files. Raises KeyError for an unknown name."""
    return f"/static/{VERSION}/{name}" if _FILES[name] else ""


def text(name: str) -> str:
    """Return the text of one of our files. Raises KeyError for an unknown name."""
    return _FILES[name].decode()


@router.get("/{version}/{name}")
def fetch_asset(version: str, name: str) -> Response:
    """Send a file. At the address of another version, it must not be kept."""
    if name not in _FILES:
        raise HTTPException(404)
    lasting = "public, max-age=31536000, immutable" if version == VERSION else "no-cache"
    return send(name, lasting)


def send(name: str, kept: str) -> Response:
    """Send one of our files, with what caches may do. Raises KeyError for an unknown name."""
    kind = _TYPES[name.rpartition(".")[2]]
    return Response(_FILES[name], media_type=kind, headers=HEADERS | WORKERS.get(name, {}) | {"Cache-Control": kept})
