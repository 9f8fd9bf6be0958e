"""Calls of `/api/admin/users`."""

from typing import Any

import httpx2 as httpx

from support.worlds import Player

USERS = "/api/admin/users"
BODIES: dict[str, dict[str, Any]] = {
    "role": {"role": "juror", "reason": "Juror for Cali."},
    "erase": {"reason": "Asked for by letter."},
    "birth-year": {"year": 2009},
}
BY_ORGANIZERS = ("confirm", "end-sessions", "birth-year", "unlock")
BY_ADMINISTRATORS = ("role", "reset-password", "guardian", "export", "erase")


def act(by: Player, name: str, whom: Player, body: dict[str, Any] | None = None) -> httpx.Response:
    """Do an act of the API to an account."""
    method = "PUT" if name in {"role", "birth-year"} else "POST"
    place = f"{USERS}/{whom.id}/{name}"
    return by.world.client.request(method, place, headers=by.headers, json=body or BODIES.get(name))


def show(by: Player, whom: Player) -> dict[str, Any]:
    shown = by.world.client.get(f"{USERS}/{whom.id}", headers=by.headers)
    assert shown.status_code == 200, shown.text
    told: dict[str, Any] = shown.json()
    return told


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
