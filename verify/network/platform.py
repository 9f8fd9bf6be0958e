"""The platform under test: `anb up` in a temporary folder, a second nginx with TLS, and accounts."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import av
import httpx2 as httpx
import numpy as np

from anb.engines import nginx
from anb.local import sockets
from anb.local.supervisor import child
from anb.settings import MIB, read_env_file
from verify.kit import numbered_clips
from verify.kit.platform import ChaosPlatform, environment
from verify.kit.ports import free_port

ANY_ROOM = {
    "ANB_FREE_BYTES_FLOOR": "0",
    "ANB_FREE_SHARE_FLOOR": "0",
}  # a full disk of this machine must not fail a cell
SETTINGS = numbered_clips.SETTINGS | ANY_ROOM | {"ANB_TOKEN_SECONDS": "14400"}
WORD = "balon-naranja-7"
AT_ONCE = 2  # sign-ups, each of which hashes a password
SECONDS = 120.0  # patience for the platform and its first edit


@dataclass(frozen=True)
class TransferFile:
    """A file to send or to fetch."""

    path: Path
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "TransferFile":
        """Describe a file."""
        return cls(path, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())


@dataclass(frozen=True)
class CellUploader:
    """An account that only this cell uses."""

    email: str
    token: str


@dataclass(frozen=True)
class DownloadableClip:
    """A clip to fetch: its addresses and its content."""

    account: CellUploader
    addresses: dict[str, str]  # by endpoint
    files: dict[str, TransferFile]


@dataclass(frozen=True)
class Platform:
    """The running platform."""

    data: Path  # its data folder
    folder: Path  # for the files of a run
    http_port: int
    tls_port: int
    certificate: Path
    large: TransferFile
    small: TransferFile

    @property
    def url(self) -> str:
        """Return its plain HTTP address."""
        return f"http://127.0.0.1:{self.http_port}"

    def port(self, protocol: str) -> int:
        """Return nginx's port for this protocol."""
        return self.tls_port if protocol == "tls" else self.http_port

    def setting(self, name: str) -> str:
        """Return a setting of its processes."""
        return read_env_file(self.data / "anb.env")[name]

    @property
    def database_url(self) -> str:
        """Return the URL of its database."""
        return self.setting("ANB_DATABASE_URL")

    @property
    def media(self) -> Path:
        """Return the share."""
        return Path(self.setting("ANB_MEDIA_ROOT"))

    @property
    def logs(self) -> Path:
        """Return the folder of its logs."""
        return self.data / "logs"

    def access_logs(self) -> list[Path]:
        """Return the access logs of both nginx."""
        return [self.logs / "access.log", self.folder / "tls" / "access.log"]


@contextmanager
def running() -> Iterator[Platform]:
    """Run it until the block ends, and remove it."""
    with tempfile.TemporaryDirectory(prefix="anb-network-", ignore_cleanup_errors=True) as place:
        folder, port, tls_port = Path(place), free_port(), free_port()
        site = ChaosPlatform(folder / "data", port, environment(folder / "data", port, **SETTINGS))
        site.start()
        try:
            if not site.wait_up(1, SECONDS):
                raise RuntimeError(f"the platform does not start: {site.log.read_text(encoding='utf-8')}")
            with tls(site.folder, folder / "tls", tls_port) as certificate:
                large, small = folder / "large.mp4", folder / "small.mp4"
                large.write_bytes(_noise())
                small.write_bytes(numbered_clips.draw(7))
                yield Platform(
                    site.folder, folder, port, tls_port, certificate, TransferFile.of(large), TransferFile.of(small)
                )
        finally:
            site.stop()


@contextmanager
def tls(data: Path, folder: Path, port: int) -> Iterator[Path]:
    """Run nginx from the servers' template, with TLS and HTTP/2, in front of the same web application."""
    folder.mkdir()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    config = folder / "nginx.conf"
    door = nginx.NginxSite(
        listen=(f"127.0.0.1:{port}",),
        upstream=f"unix:{sockets.folder(data) / 'web.sock'}",
        uploads=f"unix:{sockets.folder(data) / 'uploads.sock'}",
        media_root=data / "media",
        runtime=folder,
        logs=folder,
        upload_max_bytes=100 * MIB,
        user=nginx.user(),
        workers=2,
        tls=nginx.Tls(certificate, key, plain=(f"127.0.0.1:{free_port()}",)),
    )
    nginx.write(config, door)
    process = child.spawn(
        nginx.command(config, folder), log=folder / "nginx.log", folder=folder, environment=os.environ
    )
    try:
        yield certificate
    finally:
        child.end(process, signal.SIGQUIT, 5)


def _noise() -> bytes:
    """Return an MP4 of one second of noise, which no codec compresses: about 1.5 MB, 25 s at 60 kB/s."""
    chance = np.random.default_rng(7)
    shape = (256, 454, 3)
    pictures = [
        av.VideoFrame.from_ndarray(chance.integers(0, 255, shape, np.uint8), format="rgb24")
        for _ in range(numbered_clips.RATE)
    ]
    return numbered_clips.encode(pictures, shape[1], shape[0], numbered_clips.RATE)


class Accounts:
    """Signs accounts up, a few at once."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=120)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def make(self) -> CellUploader:
        """Sign a new account up and in."""
        email = f"{uuid4().hex}@example.com"
        person = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
        async with self._turn:
            sign_up = await self._http.post(
                "/api/auth/signup", json=person | {"email": email, "password1": WORD, "password2": WORD}
            )
            sign_up.raise_for_status()
            sign_in = await self._http.post("/api/auth/login", json={"email": email, "password": WORD})
        return CellUploader(email, sign_in.raise_for_status().json()["access_token"])

    async def publish(self, clip: TransferFile, folder: Path) -> DownloadableClip:
        """Upload a clip with a new account and wait for its edit. Then both can be fetched."""
        account = await self.make()
        known = {"Authorization": f"Bearer {account.token}"}
        upload = await self._http.post(
            "/api/videos/upload", headers=known, data={"title": "Descarga"},
            files={"video_file": ("clip.mp4", clip.path.read_bytes(), "video/mp4")},
        )  # fmt: skip
        video = f"/api/videos/{upload.raise_for_status().json()['video_id']}"
        deadline = time.monotonic() + SECONDS
        while (shown := (await self._http.get(video, headers=known)).json())["status"] != "processed":
            if time.monotonic() > deadline or shown["status"] == "failed":
                raise RuntimeError(f"no edit: {json.dumps(shown)}")
            await asyncio.sleep(0.3)
        edit = folder / "edit.mp4"
        edit.write_bytes((await self._http.get(f"{video}/processed")).raise_for_status().content)
        return DownloadableClip(
            account,
            {"original": f"{video}/original", "processed": f"{video}/processed"},
            {"original": clip, "processed": TransferFile.of(edit)},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
