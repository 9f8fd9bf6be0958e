"""A release, the next one with a migration, and back again, on every host, under uploads: nobody notices."""

import json

from deploy.hosts import publish
from deploy.hosts.definitions import CURRENT
from deploy.hosts.metrics import ACCESS_LOG
from deploy.lab import deployment, fabric
from deploy.lab.crowd import crowd
from deploy.lab.stage import Stage, Verdict, all_whole, check, on_each, timed

PROMISE = "release N → N+1 → N with jobs running, a migration in between"
GOAL = "0 failed jobs, 0 5xx from nginx"
SECONDS = 400


def prove(stage: Stage) -> Verdict:
    """Go there and back with people uploading all the while, and count what went wrong."""
    now, bundle = stage.site.known["release"], stage.successor()
    with fabric.within("gateway"):
        # Not the current one: a host that is made anew takes the release that all go back to.
        publish.publish(bundle, stage.site.known["bucket"], deployment.client("s3"), current=False)
    begun = len(_log(stage))
    with crowd(stage) as people:
        people.wait_for(1, SECONDS)
        revisions = [_revision(stage)]
        for release in (bundle.release, now):
            with timed(stage, f"to {release}"):
                _update(stage, release)
                people.wait_for(len(people.taken) + 1, SECONDS)
            revisions.append(_revision(stage))
    people.player.wait_done(people.taken, SECONDS)
    wrong = all_whole(stage, people.player, people.taken)
    answers = [json.loads(line) for line in _log(stage)[begun:]]
    broken = [answer for answer in answers if int(answer["status"]) >= 500]
    failed = stage.rows("select id from jobs where state in ('failed', 'dead')")
    check(revisions[0] < revisions[1] == revisions[2], f"the database went through {revisions}")
    notes = tuple(f"{one['status']} {one['method']} {one['path']} at {one['time']}" for one in broken[:5])
    figure = f"{len(failed)} failed of {len(people.taken)} jobs, {len(broken)} 5xx; revision {' → '.join(revisions)}"
    return Verdict(figure, not failed and not broken and not wrong, (*notes, *wrong))


def _update(stage: Stage, release: str) -> None:
    """Tell every host to take a release, all at once, as an operator may."""
    # The database host stands for RDS, which takes no releases of ours.
    hosts = [name for name in stage.site.machines if name != "database"]
    on_each(stage, hosts, f"anb-host update --release {release} 2>&1", SECONDS)
    for name in hosts:
        there = stage.site.line(name).run(f"readlink {CURRENT}").strip()
        check(there.endswith(f"/{release}"), f"{name} is at {there}, not at {release}")


def _revision(stage: Stage) -> str:
    return str(stage.rows("select version_num from alembic_version")[0]["version_num"])


def _log(stage: Stage) -> list[str]:
    """Return the lines of nginx's log. Among the older ones may be one that was cut with the web server's power."""
    return stage.site.line("web").run(f"sleep 2; cat {ACCESS_LOG}").splitlines()
