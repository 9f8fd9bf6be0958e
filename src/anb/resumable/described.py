"""The headers and bodies of tus in the OpenAPI document. FastAPI does not know them, because we read them ourselves."""

from typing import Any

from anb.resumable import tus
from anb.web.openapi_headers import header, parameter


def _answer(**headers: tuple[str, str | int]) -> dict[str, Any]:
    """Describe the headers of an answer; the argument upload_offset is Upload-Offset."""
    return {
        "headers": {
            name.title().replace("_", "-"): header(description, example)
            for name, (description, example) in {
                "tus_resumable": ("The version spoken.", tus.VERSION),
                **headers,
            }.items()
        }
    }


_VERSION = parameter("Tus-Resumable", "The version of tus that you speak.", tus.VERSION, required=True)
_LENGTH = parameter("Upload-Length", "Bytes of the whole file.", 52_428_800, required=True)
_METADATA = parameter(
    "Upload-Metadata",
    "Pairs of key and value, the value in base64. `title` is the video's; `start_seconds`, where "
    "there is one, the second of the clip at which the edit starts.",
    "title TWkgbWVqb3IgdHJpcGxl",
    required=True,
)
_OFFSET = parameter("Upload-Offset", "Where this chunk begins: what the server has.", 1_048_576, required=True)
_CHECKSUM = parameter(
    "Upload-Checksum", f"Algorithm ({', '.join(tus.ALGORITHMS)}) and sum of this chunk, in base64.",
    "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
)  # fmt: skip

_RECEIVED = ("Bytes that are safe.", 2_097_152)
_EXPIRES = ("When the upload is given up, if nothing more comes of it.", "Sat, 28 Nov 2026 20:00:00 GMT")
_TASK = ("Once it is whole: the job of its edit.", "0190b1d2-7c3e-7f00-8000-000000000001")
_VIDEO = ("Once it is whole: the video, unless it was deleted.", "0190b1d2-7c3e-7f00-8000-000000000002")
_MONITOR = ("Once it is whole: the job of its edit.", '</api/jobs/0190b1d2-7c3e-7f00-8000-000000000001>; rel="monitor"')
_BYTES = {"content": {tus.CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
_WRITTEN = _answer(
    upload_offset=_RECEIVED, upload_expires=_EXPIRES, anb_task_id=_TASK, anb_video_id=_VIDEO, link=_MONITOR
)

CAPABILITIES = {
    "responses": {
        "204": _answer(
            tus_version=("The versions known.", tus.VERSION),
            tus_extension=("The extensions of the protocol.", tus.EXTENSIONS),
            tus_max_size=("Bytes of the largest file.", 104_857_600),
            tus_checksum_algorithm=("Checksums known.", ",".join(tus.ALGORITHMS)),
        )
    }
}
CREATE = {
    "parameters": [_VERSION, _LENGTH, _METADATA, _CHECKSUM],
    "requestBody": {"required": False, "description": "The first chunk, or nothing.", **_BYTES},
    "responses": {
        "201": _answer(
            location=("The upload's address.", "/api/uploads/0190b1d2-7c3e-7f00-8000-000000000003"),
            upload_offset=_RECEIVED,
            upload_expires=_EXPIRES,
        )
    },
}
FIND = {
    "parameters": [_VERSION],
    "responses": {
        "200": _answer(
            upload_offset=_RECEIVED,
            upload_length=("Bytes of the whole file.", 52_428_800),
            upload_metadata=("As it was sent.", "title TWkgbWVqb3IgdHJpcGxl"),
            upload_expires=_EXPIRES,
            anb_task_id=_TASK,
            anb_video_id=_VIDEO,
            link=_MONITOR,
        )
    },
}
WRITE = {
    "parameters": [_VERSION, _OFFSET, _CHECKSUM],
    "requestBody": {"required": True, "description": "The next bytes.", **_BYTES},
    "responses": {"204": _WRITTEN, "409": _answer(upload_offset=_RECEIVED)},
}
END = {"parameters": [_VERSION]}
