"""The form of an upload, however it is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.videos.domain import IncompleteUpload, TooManyBytes
from anb.videos.form import MOST_FIELDS, SMALL_FIELDS_BYTES, UploadForm

KIND = "multipart/form-data; boundary=frontera"


class Sink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, chunk: bytes | memoryview) -> None:
        self.taken += bytes(chunk)


def part(name: str, body: bytes, filename: str | None = None) -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--frontera\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + body + b"\r\n"


def read(body: bytes, *, step: int = 7, max_bytes: int = 10_000) -> tuple[bytes, str | None]:
    sink = Sink()
    form = UploadForm(KIND, None, sink, max_bytes)
    for start in range(0, len(body), step):
        form.feed(body[start : start + step])
    title = form.end()
    return sink.taken, title


@given(st.binary(max_size=500), st.text(max_size=40), st.integers(1, 600), st.booleans())
def test_file_and_title_come_out_as_they_went_in(file: bytes, title: str, step: int, title_first: bool) -> None:
    if b"--frontera" in file or "--frontera" in title:
        return
    fields = [part("title", title.encode()), part("video_file", file, "clip.mp4")]
    body = b"".join(fields if title_first else reversed(fields)) + b"--frontera--\r\n"
    assert read(body, step=step) == (file, title)


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_form_that_ends_early_is_incomplete(cut: int) -> None:
    body = part("video_file", b"x" * 40, "c") + part("title", b"t") + b"--frontera--\r\n"
    with pytest.raises(IncompleteUpload):
        read(body[: -cut - 4])


def test_the_limit_is_of_the_file_to_the_byte() -> None:
    end = b"--frontera--\r\n"
    assert read(part("video_file", b"x" * 100, "c") + end, max_bytes=100)[0] == b"x" * 100
    with pytest.raises(TooManyBytes):
        read(part("video_file", b"x" * 101, "c") + end, max_bytes=100)


def test_small_fields_stay_small_and_few() -> None:
    with pytest.raises(IncompleteUpload):
        read(part("title", b"x" * (SMALL_FIELDS_BYTES + 1)) + b"--frontera--\r\n", step=4096)
    with pytest.raises(IncompleteUpload):
        read(b"".join(part(f"f{n}", b"x") for n in range(MOST_FIELDS + 1)) + b"--frontera--\r\n")


def test_a_title_that_is_no_text_is_refused() -> None:
    with pytest.raises(IncompleteUpload):
        read(part("title", b"\xff\xfe") + b"--frontera--\r\n")


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(IncompleteUpload):
        UploadForm(kind, None, Sink(), 10)
