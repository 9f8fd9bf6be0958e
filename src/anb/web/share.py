"""How the application lets nginx send a file of the share."""

from fastapi import Response

# nginx's internal location over the media root.
MEDIA_LOCATION = "/_media/"
# What nginx sends as `Cache-Control` with the file. Under that name, nginx would also send it with refusals.
FILE_CACHE = "X-File-Cache-Control"


def send_archive(key: str) -> Response:
    """Send an archive of a person's data; no cache keeps it."""
    return Response(
        headers={
            "X-Accel-Redirect": MEDIA_LOCATION + key,
            "Content-Type": "application/zip",
            "Content-Disposition": 'attachment; filename="anb-mis-datos.zip"',
            "Cross-Origin-Resource-Policy": "same-origin",
            FILE_CACHE: "private, no-store",
        }
    )
