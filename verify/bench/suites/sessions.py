"""The check of a session, added to a fixed answer; and a sign-in, compared with one comparison of its password."""

import http.client
import json
import sys
import time
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from statistics import median
from uuid import UUID, uuid4

import httpx2 as httpx

from anb.db.session import connect
from anb.local.plan import answers
from anb.local.supervisor.service_spec import SECRET_KEY, ServiceSpec
from anb.sessions import service as sessions
from anb.sessions.domain import SessionKind
from verify.bench import checked_json, peers
from verify.bench.bench_platform import ROOT, Rig, platform
from verify.kit.figures import Figure, Goal, Limit

REQUESTS = 300  # of each kind in each turn
SIGN_INS = 10
WORD = "balon-naranja-7"
NAME = {"first_name": "Lucía", "last_name": "Ríos", "city": "Bogotá", "country": "Colombia"}
GOAL = Goal("at most", 0.2, "value")


def measure(repeats: int) -> list[Figure]:
    """Ask a fixed endpoint and a checked one in turns, with a session just read and with sessions not read yet."""
    with platform() as rig:
        account, email = _account(rig)
        port = _served(rig)
        known = _tokens(rig, account, 1) * REQUESTS
        fixed, cached, read = [], [], []
        for _ in range(repeats):
            fresh = _tokens(rig, account, REQUESTS)
            fixed.append(_median(port, checked_json.FIXED, [""] * REQUESTS))
            cached.append(_median(port, checked_json.CHECKED, known))
            read.append(_median(port, checked_json.CHECKED, fresh))
        entered = [_sign_in(rig, email) for _ in range(SIGN_INS * repeats)]
        compared = tuple(_compared(rig) for _ in range(SIGN_INS * repeats))
    limit = Limit("one comparison of the password", compared)
    answer = f"p50 of {REQUESTS} requests in a row by nginx; the fixed answer alone takes {median(fixed):.2f} ms"
    return [
        _added("a check of a session read within the last second", cached, fixed, answer),
        _added("a check of a session that must be read", read, fixed, answer),
        Figure("sessions", "sign-in, p50", "ms", tuple(entered), limit),
    ]


def _added(name: str, with_check: Sequence[float], without: Sequence[float], note: str) -> Figure:
    """Return what the check adds, from the pairs of each turn."""
    added = tuple(mine - fixed for mine, fixed in zip(with_check, without, strict=True))
    return Figure("sessions", f"{name}: added", "ms", added, goal=GOAL, note=note)


def _account(rig: Rig) -> tuple[UUID, str]:
    email = f"{uuid4().hex}@example.com"
    form = NAME | {"email": email, "password1": WORD, "password2": WORD}
    made = httpx.post(f"{rig.plan.local}/api/auth/signup", json=form).raise_for_status().json()
    return UUID(made["user_id"]), email


def _tokens(rig: Rig, account: UUID, count: int) -> list[str]:
    """Return access tokens of as many new sessions."""
    ports, database = rig.ports, connect(rig.settings)
    with database.transaction() as uow:
        opened = [
            sessions.open_session(uow, ports, account, kind=SessionKind.BROWSER, device="", block=None)
            for _ in range(count)
        ]
    database.close()
    return [ports.tokens.issue(account, one.id) for one in opened]


def _served(rig: Rig) -> int:
    """Serve the two endpoints like the web application, behind nginx. Return nginx's port."""
    socket = rig.folder / "checked.sock"
    settings = {"ANB_WEB_SOCKET": str(socket), "PYTHONPATH": str(ROOT)}
    set_them = [f"{name}={value}" for name, value in settings.items()]
    command = ["/usr/bin/env", *set_them, sys.executable, "-m", "verify.bench.checked_json"]
    rig.add(
        ServiceSpec(
            "checked",
            "checked",
            command,
            rig.folder,
            ready=lambda: answers(f"http://checked{checked_json.FIXED}", socket),
            needs=frozenset({SECRET_KEY}),  # it reads access tokens
        )
    )
    return peers.door(rig, "checked", socket, ready=checked_json.FIXED)


def _median(port: int, path: str, tokens: Iterable[str]) -> float:
    """Return the median milliseconds of requests over one connection."""
    wire, took = http.client.HTTPConnection("127.0.0.1", port), []
    for token in tokens:
        begun = time.perf_counter()
        wire.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = wire.getresponse()
        body = answer.read()
        took.append((time.perf_counter() - begun) * 1000)
        if (answer.status, body) != (HTTPStatus.OK, checked_json.BODY):
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
    wire.close()
    return median(took)


def _sign_in(rig: Rig, email: str) -> float:
    wire = http.client.HTTPConnection("127.0.0.1", rig.port)
    begun = time.perf_counter()
    body = json.dumps({"email": email, "password": WORD})
    wire.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
    answer = wire.getresponse()
    answer.read()
    took = (time.perf_counter() - begun) * 1000
    wire.close()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"sign-in: {answer.status}")
    return took


def _compared(rig: Rig) -> float:
    passwords = rig.ports.passwords
    hashed = passwords.hash(WORD)
    begun = time.perf_counter()
    passwords.matches(hashed, WORD)
    return (time.perf_counter() - begun) * 1000
