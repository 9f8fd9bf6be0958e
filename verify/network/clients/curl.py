"""curl, used as a person would: after a cut, try again and continue at the server's offset."""

import asyncio
import hashlib
from base64 import b64encode
from pathlib import Path

from verify.network.clients.transfer import PASSING, PAUSE, TITLE, TRIES, Errand, Report, ServerResponse, run

FIRST_CHUNK = 200_000  # bytes sent with the creation
LOOKS = 10  # looks at the account's clips, a second apart, before the form is sent again
SEE_OTHER, CREATED = 303, 201
TUS = ("-H", "Tus-Resumable: 1.0.0")
CHUNK = ("-H", "Content-Type: application/offset+octet-stream")
VERSIONS = {"http1": "HTTP/1.1", "tls": "HTTP/2"}


class WrongVersion(Exception):
    """A cell used another version of HTTP than its name says: nginx or this machine's curl does not support it."""


class Curl:
    """The requests of one transfer."""

    def __init__(self, errand: Errand) -> None:
        self.errand, self.report = errand, Report()

    async def ask(self, method: str, path: str, *options: str | Path) -> tuple[ServerResponse | None, dict[str, str]]:
        """Send a request. Without an answer, return None and add the reason to the report."""
        errand = self.errand
        heads, body = errand.folder / "heads", errand.folder / "body"
        for file in (heads, body):
            file.unlink(missing_ok=True)
        command: list[str | Path] = [
            "curl", "-sS", "--cacert", errand.certificate, "-A", errand.agent, "-D", heads, "-o", body,
            "--http2" if errand.protocol == "tls" else "--http1.1",
            *(["-I"] if method == "HEAD" else ["-X", method]), *options, errand.origin + path,
        ]  # fmt: skip
        code, _, error = await run(command)
        answer, headers = _read(method, heads, body, VERSIONS[errand.protocol])
        if answer is None or (code and answer.status < 400):
            self.report.failures.append(error.strip()[-200:])
            return None, {}
        self.report.answers.append(answer)
        return answer, headers

    def ends(self, answer: ServerResponse | None, *good: int) -> bool:
        """Return whether an answer is the last one, and record its meaning."""
        if answer is None or answer.status in PASSING:
            return False
        self.report.outcome = "whole" if answer.status in good else "told"
        return True

    async def bearer(
        self, method: str, path: str, *options: str | Path
    ) -> tuple[ServerResponse | None, dict[str, str]]:
        """Send a request with the account's token."""
        return await self.ask(method, path, "-H", f"Authorization: Bearer {self.errand.account.token}", *options)


async def multipart(errand: Errand) -> Report:
    """Upload through the API in one request, again with the same Idempotency-Key until it is accepted."""
    curl, clip = Curl(errand), errand.clip.path
    for _ in range(TRIES):
        answer, _ = await curl.bearer(
            "POST", "/api/videos/upload", "-H", f"Idempotency-Key: {errand.account.email}",
            "-F", f"title={TITLE}", "-F", f"video_file=@{clip};type=video/mp4",
        )  # fmt: skip
        if curl.ends(answer, CREATED):
            break
        await asyncio.sleep(PAUSE)
    return curl.report


async def form(errand: Errand) -> Report:
    """Send the page's form. Without an answer, look at the account's clips before sending it again."""
    curl, clip = Curl(errand), errand.clip.path
    cookie = f"{'__Host-anb' if errand.protocol == 'tls' else 'anb'}={errand.account.token}"
    for _ in range(TRIES):
        answer, _ = await curl.ask(
            "POST", "/upload", "-b", cookie, "-H", f"Origin: {errand.origin}", "-H", "Accept: text/html",
            "-F", f"title={TITLE}", "-F", f"video_file=@{clip};type=video/mp4",
        )  # fmt: skip
        if curl.ends(answer, SEE_OTHER):
            break
        await asyncio.sleep(PAUSE)
        if await _is_listed(curl):
            curl.report.outcome = "whole"
            break
    return curl.report


async def _is_listed(curl: Curl) -> bool:
    """Look several times: a request cut after its last byte may still be running, and this form has no key."""
    for _ in range(LOOKS):
        await asyncio.sleep(PAUSE)
        answer, _ = await curl.bearer("GET", "/api/videos")
        if answer is not None and answer.detail not in {"", "[]"}:
            return True
    return False


async def tus(errand: Errand) -> Report:
    """Upload with tus: create with a first chunk, then send the rest. After a cut, ask for the offset and continue."""
    curl, size = Curl(errand), errand.clip.size
    place, offset = "", 0
    for _ in range(TRIES):
        if not place:
            answer, headers = await _create(curl, min(FIRST_CHUNK, size))
            place = headers.get("location", "").removeprefix(errand.origin)
        elif offset < 0:
            answer, headers = await curl.bearer("HEAD", place, *TUS)
        else:
            rest = _rest(errand, offset)
            known = ("-H", f"Upload-Offset: {offset}", *CHUNK, *TUS)
            answer, headers = await curl.bearer("PATCH", place, *known, "--data-binary", f"@{rest}")
        if answer is None or answer.status in PASSING:
            await asyncio.sleep(PAUSE)
            offset = -1
            continue
        if answer.status >= 400:
            curl.report.outcome = "told"
            break
        if "anb-task-id" in headers:
            curl.report.outcome = "whole"
            break
        offset = int(headers.get("upload-offset", "0"))
    return curl.report


async def _create(curl: Curl, first: int) -> tuple[ServerResponse | None, dict[str, str]]:
    errand = curl.errand
    chunk = errand.folder / "chunk"
    chunk.write_bytes(errand.clip.path.read_bytes()[:first])
    metadata = f"title {b64encode(TITLE.encode()).decode()},filename {b64encode(b'clip.mp4').decode()}"
    return await curl.bearer(
        "POST", "/api/uploads", *TUS, *CHUNK, "-H", f"Upload-Length: {errand.clip.size}",
        "-H", f"Upload-Metadata: {metadata}", "-H", f"Idempotency-Key: {errand.account.email}",
        "--data-binary", f"@{chunk}",
    )  # fmt: skip


def _rest(errand: Errand, offset: int) -> Path:
    path = errand.folder / "rest"
    path.write_bytes(errand.clip.path.read_bytes()[offset:])
    return path


async def download(errand: Errand) -> Report:
    """Fetch a file. After a cut, fetch the missing part (Range)."""
    report, target = Report(), errand.folder / "fetched"
    for _ in range(TRIES):
        command: list[str | Path] = [
            "curl", "-sS", "--cacert", errand.certificate, "-A", errand.agent, "-C", "-", "-o", target,
            "--http2" if errand.protocol == "tls" else "--http1.1", "--fail", "-w", "%{http_code}",
            "-H", f"Authorization: Bearer {errand.account.token}", errand.origin + errand.path,
        ]  # fmt: skip
        code, out, error = await run(command)
        status = int(out) if out.isdigit() else 0
        if code == 0 and status:
            report.answers.append(ServerResponse("GET", status))
            report.outcome = "whole"
            report.fetched = hashlib.sha256(target.read_bytes()).hexdigest()
            break
        report.failures.append(error.strip()[-200:])
        if status >= 400 and status not in PASSING:
            report.answers.append(ServerResponse("GET", status))
        await asyncio.sleep(PAUSE)
    return report


def _read(method: str, heads: Path, body: Path, version: str) -> tuple[ServerResponse | None, dict[str, str]]:
    """Read the last head that curl wrote, after interim answers. Raises WrongVersion."""
    text = heads.read_bytes().decode(errors="replace") if heads.exists() else ""
    blocks = [block.splitlines() for block in text.split("\r\n\r\n") if block.startswith("HTTP/")]
    if not blocks or blocks[-1][0].split()[1] == "100":
        return None, {}
    first, *lines = blocks[-1]
    if first.split()[0] != version:  # curl falls back to 1.1 silently
        raise WrongVersion(f"{first} where {version} was asked for")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    offset = headers.get("upload-offset")
    detail = body.read_text(encoding="utf-8", errors="replace")[:300] if body.exists() else ""
    status = int(first.split()[1])
    return ServerResponse(
        method, status, int(offset) if offset else None, headers.get("content-type", ""), detail
    ), headers
