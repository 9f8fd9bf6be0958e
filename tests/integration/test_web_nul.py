"""An address with a NUL, which PostgreSQL takes in no text, is a mistake of the caller, wherever it is written."""

import re

from support.routes import routes
from support.worlds import World


def test_a_nul_in_an_address_is_no_fault_of_ours(world: World) -> None:
    organizer = world.organizer()
    wrong = []
    headers = organizer.headers | {"Sec-Fetch-Site": "same-origin", "Tus-Resumable": "1.0.0"}
    for method, address in routes(world):
        path = re.sub(r"\{\w+(?::\w+)?\}", "%00", address)
        if path != address:
            status = world.client.request(method, path, headers=headers, follow_redirects=False).status_code
            if status >= 500:
                wrong.append((status, method, path))
    assert wrong == []
