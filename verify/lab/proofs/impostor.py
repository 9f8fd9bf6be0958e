"""Another server answers at the database's address: no host sends it the password, and the site reports an outage."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.hosts.database import TLS

from verify.lab import deployment
from verify.lab.authority import Authority, certified, found
from verify.lab.player import LabPlayer
from verify.lab.proof_run import ProofRun, ProofVerdict, timed

PROMISE = "a server at the database's address without its authority's certificate, or with another name's, is refused"
GOAL = "every host refuses, by that reason; all continues after"
FOLDER = "/etc/anb/database-tls"
# Programs that connect on their own: the application, a worker, and a backup's dump, which builds its own address.
CONNECTS = (("web", "anb jobs list"), ("worker", "anb jobs list"), ("worker", "anb-host backup"))
UNKNOWN, MISNAMED = "certificate verify failed", "does not match host name"


def prove(lab: ProofRun) -> ProofVerdict:
    """Let each impostor answer in turn, try every client, and restore the database's certificate."""
    watcher, wrong = lab.player(), []
    with TemporaryDirectory() as folder:
        for called, shown, reason in _impostors(lab, Path(folder)):
            with timed(lab, called), _instead(lab, *shown):
                wrong += [f"{called}: {said}" for said in _ask(lab, watcher, reason) if said]
            watcher.sure("GET", "/api/videos")
    for host, command in CONNECTS:
        lab.site.line(host).run(command, 240)
    return ProofVerdict(f"{len(wrong)} of {2 * (len(CONNECTS) + 1)} answered wrongly", not wrong, tuple(wrong))


def _impostors(lab: ProofRun, folder: Path) -> Iterator[tuple[str, tuple[str, str], str]]:
    """Yield each impostor: its description, certificate and key, and the error that libpq should report."""
    name = deployment.facts_of(lab.site.machines["web"]).database_host
    yield "the right name, an unknown authority", certified(found(folder, (name,)), "impostor", name), UNKNOWN
    known = Authority(lab.workspace.cache / "authority")
    yield "a known authority, another name", certified(known, "impostor", f"other-{name}"), MISNAMED


@contextmanager
def _instead(lab: ProofRun, certificate: str, key: str) -> Iterator[None]:
    """Serve another certificate while the block runs."""
    line = lab.site.line("database")
    line.run(f"cp -a {FOLDER} {FOLDER}.own")
    for name, text in (("certificate", certificate), ("key", key)):
        line.run(f"cat > {FOLDER}/{name}.pem <<'END'\n{text}END\n")
    line.run(f"systemctl restart {TLS}")
    try:
        yield
    finally:
        line.run(f"rm -r {FOLDER} && mv {FOLDER}.own {FOLDER} && systemctl restart {TLS}")


def _ask(lab: ProofRun, watcher: LabPlayer, reason: str) -> Iterator[str]:
    """Connect from everywhere. Yield what is wrong with each answer."""
    for host, command in CONNECTS:
        done = lab.site.line(host).try_run(f"{command} 2>&1", 240)
        right = done.code > 0 and reason in done.out
        yield "" if right else f"{host}: {command} ended with {done.code}: {done.out[-300:]}"
    answer = watcher.ask("GET", "/api/videos")
    yield "" if answer is not None and answer.status_code == 503 else f"the site answers {answer}"
