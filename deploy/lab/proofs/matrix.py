"""TCP: every way that the deployed groups allow is open and every other closed, from each host and from outside."""

import json
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from deploy.hosts.definitions import HOSTS
from deploy.lab import fabric
from deploy.lab.addresses import Place
from deploy.lab.rules import opens
from deploy.lab.stage import Stage, Verdict

PROMISE = "every allowed way open, every other closed, by TCP"
GOAL = "100 % of the matrix"
# What somebody would try: each port that something of ours listens on anywhere, and a few that nothing may.
PORTS = (22, 53, 80, 111, 443, 2049, 5432, 5433, 6379, 8000, 20048)
PROBE = """
import json, socket
from concurrent.futures import ThreadPoolExecutor
def probe(target):
    with socket.socket() as one:
        one.settimeout(4)
        try:
            one.connect(tuple(target))
            return "open"
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "closed"
with ThreadPoolExecutor(40) as many:
    print(json.dumps(list(many.map(probe, json.loads({targets!r})))))
"""


def prove(stage: Stage) -> Verdict:
    """Try every door from everywhere."""
    places = stage.site.places
    with ThreadPoolExecutor() as together:
        found = dict(
            zip([place.name for place in places], together.map(lambda p: _from(stage, p), places), strict=True)
        )
    asked, wrong = 0, []
    for source in places:
        for (target, port), state in zip(_doors(places, source), found[source.name], strict=True):
            asked += 1
            if not _right(stage, source, target, port, state):
                wrong.append(f"{source.name} -> {target.name}:{port} is {state}")
    return Verdict(f"{100 * (asked - len(wrong)) / asked:.1f} % of {asked}", not wrong, tuple(wrong))


def _doors(places: Iterable[Place], source: Place) -> list[tuple[Place, int]]:
    """Return what is tried from a place: between two outsiders the lab decides nothing."""
    return [
        (target, port)
        for target in places
        for port in PORTS
        if target != source and not (target.outside and source.outside)
    ]


def _from(stage: Stage, source: Place) -> list[str]:
    targets = json.dumps([(str(target.address), port) for target, port in _doors(stage.site.places, source)])
    script = PROBE.format(targets=targets)
    if source.outside:
        command = fabric.entering(source.name, [sys.executable, "-c", script])
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    else:
        answer = stage.site.line(source.name).run(f"python3 - <<'END'\n{script}\nEND", 120)
    states: list[str] = json.loads(answer)
    return states


def _right(stage: Stage, source: Place, target: Place, port: int, state: str) -> bool:
    """A way that is open leads to an answer: of a listener where the host's definition names one, else a refusal."""
    if not opens(stage.site.ways, source, target, port):
        return state == "closed"
    listens = not target.outside and port in HOSTS[stage.site.machines[target.name].role].ports  # type: ignore[index]
    return state == "open" if listens else state in ("open", "refused")
