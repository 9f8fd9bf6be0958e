"""Texts that tell a player to open something else: playlists, scripts, descriptions of streams."""

import base64
from collections.abc import Callable
from pathlib import Path

from verify.kit.boxes import box

from support.hostile.case import Bait, Cases, Maker, mp4

HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n{line}#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n"
DASH = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S">
<Period><AdaptationSet contentType="video" mimeType="video/mp4"><Representation id="1" bandwidth="9" width="320"
height="180" codecs="avc1.64000c"><BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"""
SDP = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
ASX = '<asx version="3.0"><entry><ref href="{address}"/></entry></asx>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}" width="320" height="180"/></svg>'


def file(bait: Bait) -> str:
    """Return the address of the decoy as an absolute file."""
    return f"file://{bait.decoy}"


def near(bait: Bait) -> str:
    """Return the address of the decoy in the clip's own folder."""
    return bait.decoy.name


def server(bait: Bait) -> str:
    """Return the address of the decoy on a server."""
    return bait.url


def data(_bait: Bait) -> str:
    """Return a clip written out as an address."""
    return f"data:video/mp4;base64,{base64.b64encode(mp4()).decode()}"


def said(template: str, address: Callable[[Bait], str] = file, before: bytes = b"", line: str = "") -> Maker:
    """Return the maker of a text that names an address; `before` is the text that hides it."""

    def make(path: Path, bait: Bait) -> None:
        aim = address(bait)
        path.write_bytes(before + template.format(address=aim, line=line.format(address=aim)).encode())

    return make


FFCONCAT = "ffconcat version 1.0\nfile '{address}'\n"
FTYP = box(b"ftyp", b"isom\0\0\2\0isom")
CASES: Cases = {
    "hls-file": said(HLS),
    "hls-near": said(HLS, near),
    "hls-server": said(HLS, server),
    "hls-data": said(HLS, data),
    "hls-key": said(HLS, server, line='#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n'),
    "hls-map": said(HLS, line='#EXT-X-MAP:URI="{address}"\n'),
    "hls-bom": said(HLS, file, "\ufeff".encode()),
    "hls-master": said("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=9\n{address}\n", server),
    "hls-behind-ftyp": said(HLS, file, FTYP),
    "hls-in-free": said(HLS, file, b"\0\0\x04\0free"),
    "hls-in-the-head": said(HLS, file, b"\0\0\0\x08ftyp"),
    "m3u": said("{address}\n", file),
    "ffconcat-file": said(FFCONCAT),
    "ffconcat-near": said(FFCONCAT, near),
    "ffconcat-server": said(FFCONCAT, server),
    "ffconcat-behind-ftyp": said(FFCONCAT, file, FTYP),
    "concat-address": said("concat:{address}|{address}", file),
    "subfile-address": said("subfile,,start,0,end,0,,:{address}", file),
    "dash-file": said(DASH),
    "dash-server": said(DASH, server),
    "sdp": said(SDP),
    "asx": said(ASX, server),
    "svg": said(SVG, file),
    "ram": said("{address}\n", server, b".ra\xfd"),
    "rtsp": said("[Reference]\nRef1={address}\n", server),
    "image-sequence": said("{address}%d.png", near),
}
