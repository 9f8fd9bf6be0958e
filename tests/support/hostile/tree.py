"""The boxes of an MP4 and the elements of a WebM as trees, to be written again with any false value a test wants."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from verify.kit import boxes

Form = Literal["boxes", "ebml"]
SEGMENT, INFO, TRACKS, TRACK, VIDEO, CLUSTER = (
    b"\x18\x53\x80\x67",
    b"\x15\x49\xa9\x66",
    b"\x16\x54\xae\x6b",
    b"\xae",
    b"\xe0",
    b"\x1f\x43\xb6\x75",
)
CUES, CUE, CUE_PLACE, TAGS, TAG, SIMPLE_TAG, HEADS = (
    b"\x1c\x53\xbb\x6b",
    b"\xbb",
    b"\xb7",
    b"\x12\x54\xc3\x67",
    b"\x73\x73",
    b"\x67\xc8",
    b"\x11\x4d\x9b\x74",
)
HEAD, HEADER, GROUP = b"\x4d\xbb", b"\x1a\x45\xdf\xa3", b"\xa0"
ELEMENTS = {
    SEGMENT,
    INFO,
    TRACKS,
    TRACK,
    VIDEO,
    CLUSTER,
    CUES,
    CUE,
    CUE_PLACE,
    TAGS,
    TAG,
    SIMPLE_TAG,
    HEADS,
    HEAD,
    HEADER,
    GROUP,
}


@dataclass
class Node:
    """A box or an element: its name, its own bytes, its children, and the size it claims if that is false."""

    name: bytes
    body: bytes = b""
    children: list["Node"] = field(default_factory=list)
    claims: int | None = None  # bytes after its head

    def walk(self) -> Iterator["Node"]:
        """Yield this node and each node below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, name: bytes) -> list["Node"]:
        """Return all nodes of a name."""
        return [node for node in self.walk() if node.name == name]

    def one(self, name: bytes) -> "Node":
        """Return the first node of a name."""
        return self.all(name)[0]

    def write(self, form: Form) -> bytes:
        """Return its bytes; the nameless root has no head."""
        inside = self.body + b"".join(child.write(form) for child in self.children)
        if not self.name:
            return inside
        size = len(inside) if self.claims is None else self.claims
        return (_box_head(self.name, size) if form == "boxes" else self.name + ebml_size(size)) + inside


def read(data: bytes) -> tuple[Node, Form]:
    """Read a whole file."""
    form: Form = "ebml" if data.startswith(HEADER) else "boxes"
    return Node(b"", b"", _boxes(data) if form == "boxes" else _elements(data)), form


def changed(data: bytes, name: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a file with the bodies of all nodes of a name changed."""
    root, form = read(data)
    for node in root.all(name):
        node.body = change(node.body)
    return root.write(form)


def full(name: bytes, body: bytes) -> bytes:
    """Return one box with version and flags of zero."""
    return boxes.box(name, bytes(4) + body)


def element(name: bytes, body: bytes = b"", claims: int | None = None) -> bytes:
    """Return one element."""
    return name + ebml_size(len(body) if claims is None else claims) + body


def _box_head(name: bytes, size: int) -> bytes:
    """Return the head of a box, in 64 bits if it must; a size of -1 means 'to the end of the file'."""
    if size + boxes.HEADER >= 1 << 32:
        return boxes.large_head(name, min(size + boxes.LARGE_HEADER, (1 << 64) - 1))
    return boxes.head(name, size + boxes.HEADER if size >= 0 else 0)


def ebml_size(size: int) -> bytes:
    """Return a size in EBML's form, in the fewest bytes; -1 is the unknown size."""
    if size < 0:
        return b"\x01" + b"\xff" * 7
    length = next(length for length in range(1, 9) if size < (1 << 7 * length) - 1 or length == len(bytes(8)))
    return (size | 1 << 7 * length).to_bytes(length, "big")


def copy(node: Node) -> Node:
    """Return a copy that can be changed without changing the original."""
    return replace(node, children=[copy(child) for child in node.children])


def _boxes(data: bytes) -> list[Node]:
    found = []
    for name, body in boxes.walk(data, whole=False):
        skip = boxes.HOLDERS.get(name)
        found.append(Node(name, body) if skip is None else Node(name, body[:skip], _boxes(body[skip:])))
    return found


def _elements(data: bytes) -> list[Node]:
    found: list[Node] = []
    place = 0
    while place < len(data):
        wide = 9 - data[place].bit_length()
        name, place = data[place : place + wide], place + wide
        if place >= len(data):
            return [*found, Node(b"", name)]
        length = 9 - data[place].bit_length()
        size = int.from_bytes(data[place : place + length], "big") & (1 << 7 * length) - 1
        unknown = size == (1 << 7 * length) - 1
        place += length
        end = len(data) if unknown else min(place + size, len(data))
        body = data[place:end]
        node = Node(name, b"", _elements(body)) if name in ELEMENTS else Node(name, body)
        node.claims = -1 if unknown else None
        found.append(node)
        place = end
    return found
