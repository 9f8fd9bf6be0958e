"""The form of an upload, however it is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify.kit.upload_forms import BOUNDARY, CONTENT_TYPE, END, field

from anb.settings import MIB
from anb.videos.domain import IncompleteUpload, TooManyBytes
from anb.videos.multipart import MOST_FIELDS, SMALL_FIELDS_BYTES, UploadForm


class MemorySink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, chunk: bytes | memoryview) -> None:
        self.taken += bytes(chunk)


def read(body: bytes, *, step: int = 7, max_bytes: int = 10_000) -> tuple[bytes, str | None]:
    sink = MemorySink()
    form = UploadForm(CONTENT_TYPE, None, sink, max_bytes)
    for start in range(0, len(body), step):
        form.feed(body[start : start + step])
    title = form.end()
    return sink.taken, title


@given(st.binary(max_size=500), st.text(max_size=40), st.integers(1, 600), st.booleans())
def test_file_and_title_come_out_as_they_went_in(file: bytes, title: str, step: int, title_first: bool) -> None:
    if BOUNDARY.encode() in file or BOUNDARY in title:
        return
    fields = [field("title", title.encode()), field("video_file", file, "clip.mp4")]
    body = b"".join(fields if title_first else reversed(fields)) + END
    assert read(body, step=step) == (file, title)


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_form_that_ends_early_is_incomplete(cut: int) -> None:
    body = field("video_file", b"x" * 40, "c") + field("title", b"t") + END
    with pytest.raises(IncompleteUpload):
        read(body[: -cut - 4])


def test_the_limit_is_of_the_file_to_the_byte() -> None:
    assert read(field("video_file", b"x" * 100, "c") + END, max_bytes=100)[0] == b"x" * 100
    with pytest.raises(TooManyBytes):
        read(field("video_file", b"x" * 101, "c") + END, max_bytes=100)


def test_a_file_over_the_limit_is_refused_with_what_was_announced_or_that_it_is_more() -> None:
    body = field("video_file", b"x" * (MIB + 1), "c")
    for announced, english in ((None, "more than 1 MB"), (MIB + 200, "1.1 MB")):
        with pytest.raises(TooManyBytes) as refused:
            UploadForm(CONTENT_TYPE, announced, MemorySink(), MIB).feed(body)
        assert refused.value.text("en") == f"Your upload weighs {english}; a file may weigh up to 1 MB."
    assert refused.value.text("es") == "Tu subida pesa 1,1 MB; un archivo puede pesar hasta 1 MB."


def test_small_fields_stay_small_and_few() -> None:
    with pytest.raises(IncompleteUpload):
        read(field("title", b"x" * (SMALL_FIELDS_BYTES + 1)) + END, step=4096)
    with pytest.raises(IncompleteUpload):
        read(b"".join(field(f"f{n}", b"x") for n in range(MOST_FIELDS + 1)) + END)


def test_a_title_that_is_no_text_is_refused() -> None:
    with pytest.raises(IncompleteUpload):
        read(field("title", b"\xff\xfe") + END)


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(IncompleteUpload):
        UploadForm(kind, None, MemorySink(), 10)
