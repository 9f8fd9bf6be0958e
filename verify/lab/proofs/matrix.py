"""TCP: every connection that the deployed groups allow is open and every other closed, on each host and outside."""

import json
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from deploy.hosts.definitions import HOSTS

from verify.lab import network
from verify.lab.addresses import Place
from verify.lab.proof_run import ProofRun, ProofVerdict
from verify.lab.rules import opens

PROMISE = "every allowed way open, every other closed, by TCP"
GOAL = "100 % of the matrix"
# Likely targets: each port that any of our services listens on, and a few that must not be open.
PORTS = (22, 53, 80, 111, 443, 587, 2049, 5432, 5433, 6379, 8000, 20048)
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


def prove(lab: ProofRun) -> ProofVerdict:
    """Try every port from everywhere."""
    places = lab.site.places
    with ThreadPoolExecutor() as together:
        found = dict(zip([place.name for place in places], together.map(lambda p: _from(lab, p), places), strict=True))
    asked, wrong = 0, []
    for source in places:
        for (target, port), state in zip(_doors(places, source), found[source.name], strict=True):
            asked += 1
            if not _right(lab, source, target, port, state):
                wrong.append(f"{source.name} -> {target.name}:{port} is {state}")
    return ProofVerdict(f"{100 * (asked - len(wrong)) / asked:.1f} % of {asked}", not wrong, tuple(wrong))


def _doors(places: Iterable[Place], source: Place) -> list[tuple[Place, int]]:
    """Return the targets to try from a place. The lab does not decide between two outsiders."""
    return [
        (target, port)
        for target in places
        for port in PORTS
        if target != source and not (target.outside and source.outside)
    ]


def _from(lab: ProofRun, source: Place) -> list[str]:
    targets = json.dumps([(str(target.address), port) for target, port in _doors(lab.site.places, source)])
    script = PROBE.format(targets=targets)
    if source.outside:
        command = network.entering(source.name, [sys.executable, "-c", script])
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    else:
        answer = lab.site.line(source.name).run(f"python3 - <<'END'\n{script}\nEND", 120)
    states: list[str] = json.loads(answer)
    return states


def _right(lab: ProofRun, source: Place, target: Place, port: int, state: str) -> bool:
    """Return whether the state is right: an open way leads to a listener of the host's definition, or to a refusal."""
    if not opens(lab.site.ways, source, target, port):
        return state == "closed"
    listens = not target.outside and port in HOSTS[lab.site.machines[target.name].role].ports  # type: ignore[index]
    return state == "open" if listens else state in ("open", "refused")
