"""Upgrade to the next release, with a migration, and downgrade, on every host, under uploads, without errors."""

import json

from deploy.hosts import publish
from deploy.hosts.definitions import CURRENT
from deploy.hosts.metrics import ACCESS_LOG

from verify.lab import deployment, network
from verify.lab.crowd import crowd
from verify.lab.proof_run import ProofRun, ProofVerdict, all_whole, check, on_each, timed

PROMISE = "release N → N+1 → N with jobs running, a migration in between"
GOAL = "0 failed jobs, 0 5xx from nginx"
SECONDS = 400


def prove(lab: ProofRun) -> ProofVerdict:
    """Upgrade and downgrade while players upload, and count the failures."""
    now, bundle = lab.site.known["release"], lab.successor()
    with network.within("gateway"):
        # Not the current one: a newly created host takes the current release, to which all return.
        publish.publish(bundle, lab.site.known["bucket"], deployment.client("s3"), current=False)
    begun = len(_log(lab))
    with crowd(lab) as people:
        people.wait_for(1, SECONDS)
        revisions = [_revision(lab)]
        for release in (bundle.release, now):
            with timed(lab, f"to {release}"):
                _update(lab, release)
                people.wait_for(len(people.taken) + 1, SECONDS)
            revisions.append(_revision(lab))
    people.player.wait_done(people.taken, SECONDS)
    wrong = all_whole(lab, people.player, people.taken)
    answers = [json.loads(line) for line in _log(lab)[begun:]]
    broken = [answer for answer in answers if int(answer["status"]) >= 500]
    failed = lab.rows("select id from jobs where state in ('failed', 'dead')")
    check(revisions[0] < revisions[1] == revisions[2], f"the database went through {revisions}")
    notes = tuple(f"{one['status']} {one['method']} {one['path']} at {one['time']}" for one in broken[:5])
    figure = f"{len(failed)} failed of {len(people.taken)} jobs, {len(broken)} 5xx; revision {' → '.join(revisions)}"
    return ProofVerdict(figure, not failed and not broken and not wrong, (*notes, *wrong))


def _update(lab: ProofRun, release: str) -> None:
    """Update every host to a release, all at once, as an operator may."""
    # The database host replaces RDS, which takes no releases of ours.
    hosts = [name for name in lab.site.machines if name != "database"]
    on_each(lab, hosts, f"anb-host update --release {release} 2>&1", SECONDS)
    for name in hosts:
        there = lab.site.line(name).run(f"readlink {CURRENT}").strip()
        check(there.endswith(f"/{release}"), f"{name} is at {there}, not at {release}")


def _revision(lab: ProofRun) -> str:
    return str(lab.rows("select version_num from alembic_version")[0]["version_num"])


def _log(lab: ProofRun) -> list[str]:
    """Return the lines of nginx's log. An older one may be incomplete because of the web server's power cut."""
    return lab.site.line("web").run(f"sleep 2; cat {ACCESS_LOG}").splitlines()
