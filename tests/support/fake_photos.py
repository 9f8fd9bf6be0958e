"""A fake of the maker of photos, and photos that it takes."""

from dataclasses import dataclass, field
from pathlib import Path

from anb.ports import MadePhoto, UnknownKind, Unreadable
from support.shells import jpeg


@dataclass
class FakePhotos:
    """Makes two empty JPEGs of whatever begins as one, or fails as a test wants it to."""

    failure: Unreadable | None = None
    seen: list[Path] = field(default_factory=list)

    def make(self, path: Path, least_side: int, most_pixels: int) -> MadePhoto:
        assert least_side < most_pixels
        self.seen.append(path)
        if self.failure is not None:
            raise self.failure
        data = path.read_bytes()
        if not data.startswith(b"\xff\xd8\xff"):
            raise UnknownKind("no photo")
        return MadePhoto(jpeg(512, 512, len(data)), jpeg(128, 128, len(data)))
