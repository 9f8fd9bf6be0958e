"""An address with a NUL, which PostgreSQL takes in no text, is a mistake of the caller, wherever it is written."""

import re
from typing import cast

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from support.worlds import World


def test_a_nul_in_an_address_is_no_fault_of_ours(world: World) -> None:
    organizer = world.organizer()
    wrong = []
    for route in iter_route_contexts(cast("FastAPI", world.client.app).routes):
        path = re.sub(r"\{\w+(?::\w+)?\}", "%00", str(route.path))
        for method in sorted(set(route.methods or ()) - {"HEAD", "OPTIONS"}) if "%00" in path else ():
            headers = organizer.headers | {"Sec-Fetch-Site": "same-origin", "Tus-Resumable": "1.0.0"}
            status = world.client.request(method, path, headers=headers, follow_redirects=False).status_code
            if status >= 500:
                wrong.append((status, method, path))
    assert wrong == []
