"""A season closes on the hosts: its results are frozen and signed, and its log is verified from outside."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from anb.votelog.notes import VerifierKey, open_note
from verify.kit import numbered_clips
from verify.lab.player import LabPlayer
from verify.lab.proof_run import ProofRun, ProofVerdict, check, wait_until

PROMISE = "a season closes: results are frozen, signed, and the same as the log that strangers verify"
GOAL = "0 differences"
SECONDS = 120
VOTERS = (3, 2)  # of the first clip and of the second
PRESENT = "select slug from seasons where closed_at is null or closed_at > now()"
NEXT = "anb season open 'Temporada siguiente' --no-confirmation --no-consent"
LOG = "/api/public/log"


def prove(lab: ProofRun) -> ProofVerdict:
    """Vote, close the season on its host, wait for its results, and check them with what was seen before."""
    slug, web = lab.rows(PRESENT)[0]["slug"], lab.site.line("web")
    players = [lab.player() for _ in VOTERS]
    clips = [player.upload(numbered_clips.draw(next(lab.codes)), "Cierre") for player in players]
    for player, clip in zip(players, clips, strict=True):
        player.wait_done([clip], SECONDS)
    promises = [
        _vote(lab.player(), clip.video) for clip, votes in zip(clips, VOTERS, strict=True) for _ in range(votes)
    ]
    outsider = lab.player()
    named = ", ".join(f"'{player.email}'" for player in players)
    ids = [row["id"] for row in lab.rows(f"select id::text from users where email in ({named})")]
    wait_until("the votes are sealed", lambda: _votes(outsider, ids) == sum(VOTERS), SECONDS)
    seen = outsider.sure("GET", f"{LOG}/{slug}/checkpoint").text
    web.run("anb season close --yes --reason 'prueba del laboratorio'")
    address = f"/api/public/seasons/{slug}/results"
    took = wait_until("the results", lambda: _is_there(outsider, address), SECONDS)
    results = outsider.sure("GET", f"{address}.json").json()
    _check_signed(outsider, slug, results, ids)
    notes = _verify(outsider, slug, [seen], promises)
    told = web.run(f"anb season results {slug} --check")
    check("are equal" in told, f"counted again on the host: {told}")
    web.run(NEXT)
    return ProofVerdict(f"0 differences; results {took:.0f} s after the close", holds=True, notes=notes)


def _vote(voter: LabPlayer, video: str) -> str:
    return str(voter.sure("POST", f"/api/public/videos/{video}/vote").json()["promise"])


def _votes(outsider: LabPlayer, ids: list[str]) -> int:
    rows = outsider.sure("GET", "/api/public/rankings?limit=100").json()
    return sum(row["votes"] for row in rows if row["player_id"] in ids)


def _is_there(outsider: LabPlayer, address: str) -> bool:
    answer = outsider.ask("GET", address)
    return answer is not None and answer.is_success


def _check_signed(outsider: LabPlayer, slug: str, told: dict[str, Any], ids: list[str]) -> None:
    """Check that the log's key signed the results, and that they count the votes of this proof."""
    key = VerifierKey.parse(outsider.sure("GET", f"{LOG}/{slug}/key").text.splitlines()[0])
    statement = json.dumps(told["results"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    signed = open_note(told["note"], [key])
    digest = _b64(hashlib.sha256(statement.encode()).digest())
    check(digest in signed.splitlines(), f"the note signs another statement: {signed}")
    places = [place for place in told["results"]["places"] if place["player_id"] in ids]
    check(sorted(place["votes"] for place in places) == sorted(VOTERS), f"the results say {places} of the voted clips")


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _verify(outsider: LabPlayer, slug: str, seen: list[str], promises: list[str]) -> tuple[str, ...]:
    """Run the program that the site publishes against the site, as a stranger on the internet does."""
    with TemporaryDirectory(prefix="anb-lab-log-") as place, _relay(outsider) as url:
        folder = Path(place)
        (folder / "verify.py").write_bytes(outsider.sure("GET", f"{LOG}/verify.py").content)
        options = []
        for name, texts in (("seen", seen), ("promise", promises)):
            for number, text in enumerate(texts):
                path = folder / f"{name}-{number}"
                path.write_text(text, "utf-8")
                options.append(f"--{name}={path}")
        command = [sys.executable, str(folder / "verify.py"), f"--log={url}{LOG}/{slug}", f"--folder={folder / 'log'}"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout + done.stderr)
    return tuple(line for line in done.stdout.splitlines() if not line.startswith(place))


@contextmanager
def _relay(outsider: LabPlayer) -> Iterator[str]:
    """Hand requests on to the site: its certificate has no name, which only this lab's clients accept."""

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = outsider.sure("GET", self.path)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            if link := answer.headers.get("Link"):
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
