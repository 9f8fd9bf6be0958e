"""The multipart form of an upload, read as it arrives: the file goes straight to the share, never into memory."""

from typing import Protocol

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from anb.videos.domain import IncompleteUpload, TooManyBytes

FILE_FIELD = "video_file"
TITLE_FIELD = "title"
# What the small fields may weigh together: they are kept in memory. nginx lets more pass beside the file
# (UPLOAD_OVERHEAD_BYTES), boundaries and part headers too, so that it is here that they are refused.
SMALL_FIELDS_BYTES = 64 * 1024
MOST_FIELDS = 16


class Sink(Protocol):
    """Where the file's bytes go."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes."""


class UploadForm:
    """Feed it the body; it writes the file to the sink and keeps the small fields."""

    def __init__(self, content_type: str, content_length: int | None, sink: Sink, max_bytes: int) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise IncompleteUpload
        self._sink = sink
        self._max_bytes = max_bytes
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

    def end(self) -> str | None:
        """Say that the body is over; return the title, if one came. Raises IncompleteUpload."""
        try:
            self._parser.close()
            title = self._small.get(TITLE_FIELD)
            return None if title is None else title.decode()
        except (MultipartError, UnicodeDecodeError):
            raise IncompleteUpload from None

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.name == FILE_FIELD:
            if self.has_file:
                raise IncompleteUpload
            self.has_file = True
        else:
            self._small[segment.name or ""] = bytearray()

    def _take(self, payload: bytes) -> None:
        if self._segment is not None and self._segment.name == FILE_FIELD:
            self.file_bytes += len(payload)
            if self.file_bytes > self._max_bytes:
                raise TooManyBytes(limit=self._max_bytes // (1024 * 1024))
            self._sink.write(payload)
            return
        self._small_bytes += len(payload)
        if self._small_bytes > SMALL_FIELDS_BYTES:
            raise IncompleteUpload
        self._small[(self._segment.name if self._segment else None) or ""] += payload
