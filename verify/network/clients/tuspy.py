"""tuspy, in a process of its own: `python -m verify.network.clients.tuspy URL TOKEN FILE TITLE AGENT`."""

import json
import sys
import time
from typing import Any

import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from verify.network.clients.transfer import PASSING, PAUSE, TITLE, TRIES, Errand, Report, read_report, run

CHUNK = 400_000  # its users choose one: without, it holds the whole file in memory


async def tuspy(errand: Errand) -> Report:
    """Upload with tuspy."""
    module = [sys.executable, "-m", "verify.network.clients.tuspy"]
    command = [*module, errand.origin, errand.account.token, str(errand.clip.path), TITLE, errand.agent]
    _, out, error = await run(command, {"REQUESTS_CA_BUNDLE": str(errand.certificate)})
    return read_report(out, error)


def _say(**thing: Any) -> None:  # noqa: ANN401 - as JSON
    print(json.dumps(thing), flush=True)


def _listen() -> None:
    """Report every answer that `requests` receives."""
    send = requests.Session.send

    def heard(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # noqa: ANN401
        answer = send(session, request, **more)
        offset = answer.headers.get("upload-offset")
        detail = answer.text[:300] if answer.status_code >= 400 else ""
        kind = answer.headers.get("content-type", "")
        _say(method=request.method, status=answer.status_code, offset=int(offset) if offset else None, kind=kind,
             detail=detail)  # fmt: skip
        return answer

    requests.Session.send = heard  # type: ignore[method-assign,assignment]


def main(url: str, token: str, path: str, title: str, agent: str) -> None:
    """Upload once, and repeat whatever fails: a creation or a chunk that was cut."""
    _listen()
    client = TusClient(f"{url}/api/uploads", headers={"Authorization": f"Bearer {token}", "User-Agent": agent})
    place = None
    for _ in range(TRIES):
        try:
            uploader = client.uploader(
                path, chunk_size=CHUNK, url=place, metadata={"title": title}, retries=TRIES, retry_delay=PAUSE
            )
            place = place or uploader.create_url()
            uploader.set_url(place)
            uploader.upload()
        except (TusCommunicationError, TusUploadFailed) as error:
            status = error.status_code or 0
            _say(failure=str(error)[:300])
            if status >= 400 and status not in PASSING:
                _say(outcome="told")
                return
            time.sleep(PAUSE)
        else:
            _say(outcome="whole")
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
