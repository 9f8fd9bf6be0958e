"""WebM and Matroska with false elements: unknown sizes, endless nests, empty lacing, times that are not numbers."""

import struct
import zlib
from collections.abc import Callable

from support.hostile.case import Cases, Maker, holding, mkv, webm
from support.hostile.tree import (
    CLUSTER,
    HEADER,
    INFO,
    SEGMENT,
    SIMPLE_TAG,
    TAG,
    TAGS,
    TRACK,
    TRACKS,
    Node,
    element,
    read,
)

BLOCK, SCALE, DURATION, DOCTYPE = b"\xa3", b"\x2a\xd7\xb1", b"\x44\x89", b"\x42\x82"
WIDTH, NUMBER, CODEC, UNIQUE = b"\xb0", b"\xd7", b"\x86", b"\x73\xc5"
ENCODINGS, ENCODING, COMPRESSION, ALGORITHM = b"\x6d\x80", b"\x62\x40", b"\x50\x34", b"\x42\x54"
CHAPTERS, EDITION, ATOM = b"\x10\x43\xa7\x70", b"\x45\xb9", b"\xb6"
SEEK_HEAD, SEEK, SEEK_ID, SEEK_PLACE = b"\x11\x4d\x9b\x74", b"\x4d\xbb", b"\x53\xab", b"\x53\xac"
MOST = (1 << 56) - 2
DEEP = 10_000


def _changed(change: Callable[[Node], None], source: Callable[[], bytes] = webm) -> Maker:
    def make() -> bytes:
        root, _ = read(source())
        change(root)
        return root.write("ebml")

    return holding(make)


def _claims(name: bytes, claims: int) -> Maker:
    def change(root: Node) -> None:
        for node in root.all(name):
            node.claims = claims

    return _changed(change)


def _body(name: bytes, body: bytes) -> Maker:
    def change(root: Node) -> None:
        for node in root.all(name):
            node.body, node.children = body, []

    return _changed(change)


def _blocks(change_body: Callable[[bytes], bytes]) -> Maker:
    def change(root: Node) -> None:
        for block in root.all(BLOCK):
            block.body = change_body(block.body)

    return _changed(change)


def _more(where: bytes, extra: Callable[[], bytes]) -> Maker:
    def change(root: Node) -> None:
        root.one(where).children.append(Node(b"", extra()))

    return _changed(change)


def _laced(flags: int, lace: bytes) -> Maker:
    """Declare each block laced, and how."""

    return _blocks(lambda body: body[:3] + bytes([body[3] | flags]) + lace + body[4:])


def _nested(name: bytes, depth: int) -> Callable[[], bytes]:
    """Nest without end: each claims the rest."""
    return lambda: (name + b"\x01" + b"\xff" * 7) * depth


def _unknown_everywhere(root: Node) -> None:
    for node in root.walk():
        if node.name in {SEGMENT, CLUSTER, TRACKS, TRACK, INFO, TAGS}:
            node.claims = -1


def _squeezed(root: Node) -> None:
    """Declare each block compressed, and let the first grow to 200 MB."""
    packed = element(ENCODING, element(COMPRESSION, element(ALGORITHM, b"\0")))
    root.one(TRACK).children.append(Node(b"", element(ENCODINGS, packed)))
    first = root.one(BLOCK)
    first.body = first.body[:4] + zlib.compress(bytes(200_000_000), 9)


def _seeks(root: Node) -> None:
    """Point the table of contents at itself, and at the cluster that follows it."""
    entries = [element(SEEK, element(SEEK_ID, SEEK_HEAD) + element(SEEK_PLACE, bytes([place]))) for place in range(50)]
    root.one(SEGMENT).children[:0] = [Node(b"", element(SEEK_HEAD, b"".join(entries)))] * 20


CASES: Cases = {
    "segment-the-most": _claims(SEGMENT, MOST),
    "segment-of-nothing": _claims(SEGMENT, 0),
    "cluster-the-most": _claims(CLUSTER, MOST),
    "cluster-of-nothing": _claims(CLUSTER, 0),
    "tracks-the-most": _claims(TRACKS, MOST),
    "block-the-most": _claims(BLOCK, MOST),
    "unknown-sizes-everywhere": _changed(_unknown_everywhere),
    "lacing-xiph-nonsense": _laced(0x02, b"\xff" * 200),
    "lacing-ebml-nonsense": _laced(0x06, b"\xff\x01" + b"\xff" * 9),
    "lacing-fixed-nonsense": _laced(0x04, b"\xff"),
    "blocks-of-four-bytes": _blocks(lambda body: body[:4]),
    "blocks-of-nobody": _blocks(lambda _: b"\x01" + b"\xff" * 9),
    "scale-of-nothing": _body(SCALE, b"\0"),
    "scale-the-most": _body(SCALE, b"\xff" * 8),
    "duration-not-a-number": _body(DURATION, struct.pack(">d", float("nan"))),
    "duration-infinite": _body(DURATION, struct.pack(">d", float("inf"))),
    "duration-negative": _body(DURATION, struct.pack(">d", -1e300)),
    "width-the-most": _body(WIDTH, b"\xff" * 8),
    "doctype-with-a-null": _body(DOCTYPE, b"webm\0\0\0\0"),
    "doctype-unknown": _body(DOCTYPE, b"exe"),
    "codec-unknown": _body(CODEC, b"V_NONESUCH"),
    "codec-of-64-kb": _body(CODEC, b"V_" + b"A" * 65_536),
    "real-video-40": _body(CODEC, b"V_REAL/RV40"),
    "video-for-windows": _body(CODEC, b"V_MS/VFW/FOURCC"),
    "quicktime-inside": _body(CODEC, b"V_QUICKTIME"),
    "number-of-no-track": _body(NUMBER, b"\0"),
    "tags-10000-deep": _more(SEGMENT, lambda: element(TAGS, element(TAG, _nested(SIMPLE_TAG, DEEP)()))),
    "chapters-10000-deep": _more(SEGMENT, lambda: element(CHAPTERS, element(EDITION, _nested(ATOM, DEEP)()))),
    "clusters-10000-deep": _more(SEGMENT, _nested(CLUSTER, DEEP)),
    "void-100000-times": _more(SEGMENT, lambda: element(b"\xec") * 100_000),
    "contents-of-itself": _changed(_seeks),
    "blocks-of-200-mb": _changed(_squeezed),
    "blocks-of-200-mb-in-mkv": _changed(_squeezed, mkv),
    "header-of-8-byte-names": holding(
        lambda: element(HEADER, element(b"\x42\xf2", b"\x08") + b"\x00" * 40) + webm()[40:]
    ),
    "header-alone": holding(lambda: webm()[:40]),
    "segment-in-segment": holding(lambda: webm()[:36] + element(SEGMENT, element(SEGMENT, webm()[48:]))),
}
