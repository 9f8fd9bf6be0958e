"""The multipart form of an upload, read as it arrives: the file is written to the share, never kept in memory."""

from typing import Protocol

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from anb.videos.domain import START_FIELD, IncompleteUpload, TooManyBytes

FILE_FIELD = "video_file"
TITLE_FIELD = "title"
# Sent by our own form: the same form sent again creates nothing new.
KEY_FIELD = "idempotency_key"
# The limit of all small fields together, which are kept in memory. nginx allows more in addition to the file
# (UPLOAD_OVERHEAD_BYTES), including boundaries and part headers, so that the refusal comes from here.
SMALL_FIELDS_BYTES = 64 * 1024
MOST_FIELDS = 16


class FileSink(Protocol):
    """Where the file's bytes go."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Write the next bytes."""


class UploadForm:
    """Parses the body that is fed to it: it writes the file to the sink and keeps the small fields."""

    def __init__(
        self,
        content_type: str,
        content_length: int | None,
        sink: FileSink,
        max_bytes: int,
        file_field: str = FILE_FIELD,
    ) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise IncompleteUpload
        self._sink = sink
        self._file_field = file_field
        self._max_bytes = max_bytes
        self._announced = content_length
        self._segment: MultipartSegment | None = None
        self._small: dict[str, bytearray] = {}
        self._small_bytes = 0
        self.file_bytes = 0
        self.has_file = False
        try:
            self._parser = PushMultipartParser(
                boundary, -1 if content_length is None else content_length, max_segment_count=MOST_FIELDS
            )
        except MultipartError:
            raise IncompleteUpload from None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body. Raises IncompleteUpload, TooManyBytes."""
        try:
            for event in self._parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event is not None:
                    self._take(bytes(event) if isinstance(event, bytearray) else event)
        except (MultipartError, ParserLimitReached):
            raise IncompleteUpload from None

    @property
    def typed_title(self) -> str:
        """Return the title as far as it arrived, to show the form again."""
        return self._small.get(TITLE_FIELD, bytearray()).decode(errors="replace")

    @property
    def start(self) -> str | None:
        """Return the second at which the edit is to start, as text."""
        return self._small[START_FIELD].decode(errors="replace") if START_FIELD in self._small else None

    @property
    def key(self) -> str | None:
        """Return the idempotency key of the form."""
        return self._small.get(KEY_FIELD, bytearray()).decode(errors="replace") or None

    def end(self) -> str | None:
        """End the body; return the title, if there is one. Raises IncompleteUpload."""
        try:
            self._parser.close()
            title = self._small.get(TITLE_FIELD)
            return None if title is None else title.decode()
        except (MultipartError, UnicodeDecodeError):
            raise IncompleteUpload from None

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.name == self._file_field:
            if self.has_file:
                raise IncompleteUpload
            self.has_file = True
        else:
            self._small[segment.name or ""] = bytearray()

    def _take(self, payload: bytes) -> None:
        if self._segment is not None and self._segment.name == self._file_field:
            self.file_bytes += len(payload)
            if self.file_bytes > self._max_bytes:
                raise TooManyBytes.of(self._announced, self._max_bytes)
            self._sink.write(payload)
            return
        self._small_bytes += len(payload)
        if self._small_bytes > SMALL_FIELDS_BYTES:
            raise IncompleteUpload
        self._small[(self._segment.name if self._segment else None) or ""] += payload
