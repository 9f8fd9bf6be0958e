"""The database refuses every illegal transition of a job, whichever program asks for it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from support.publishing import begin
from support.worlds import AcceptedClip, World

QUEUED = "state = 'queued', lease_expires_at = null, finished_at = null"
RUNNING = "state = 'running', lease_expires_at = now() + interval '1 minute', finished_at = null"
HELD = "state = 'held', lease_expires_at = null, finished_at = null"
ENDED = "lease_expires_at = null, finished_at = now()"
OVER = ("done", "failed", "dead", "cancelled")


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload()


def change(world: World, values: str) -> None:
    with world.uow() as uow:
        uow.execute(text(f"update jobs set {values}"))  # noqa: S608 - our own words


def put(world: World, upload: AcceptedClip, state: str) -> None:
    """Bring a job to a state by legal transitions."""
    if state != "queued":
        assert begin(world, upload.task_id)
        change(world, "lease_expires_at = now() + interval '1 hour'")  # else a slow machine may reach its end
    if state == "held":
        change(world, HELD)
    if state in OVER:
        fault = ", faults = faults + 1" if state == "dead" else ""
        change(world, f"state = '{state}', {ENDED}{fault}")


ILLEGAL = {
    "queued": [
        f"state = 'done', {ENDED}",
        f"state = 'failed', {ENDED}",
        f"state = 'dead', {ENDED}, deaths = 1",
        RUNNING,  # without a new attempt
        f"{RUNNING}, attempt = attempt + 2",
        "attempt = attempt + 1",
        "faults = 1",
        "round = 2",
        HELD,  # only what was claimed is held
    ],
    "held": [
        f"{RUNNING}, attempt = attempt + 1",  # not before it is queued
        RUNNING,
        f"state = 'done', {ENDED}",
        f"state = 'failed', {ENDED}",
        f"state = 'dead', {ENDED}, deaths = 1",
        f"{QUEUED}, attempt = attempt + 1",
        f"{QUEUED}, faults = 1",
        f"{QUEUED}, round = 2",
        "attempt = attempt + 1",
        "round = 2",
    ],
    "running": [
        "attempt = attempt + 1",
        "attempt = attempt - 1",
        f"{QUEUED}, attempt = attempt - 1",
        f"{QUEUED}, faults = faults + 2",
        f"{QUEUED}, faults = faults + 1, deaths = deaths + 1",
        f"{QUEUED}, deaths = deaths + 1",  # its lease has not expired
        f"{QUEUED}, round = round + 1",
        f"state = 'dead', {ENDED}",  # without a cause
        f"state = 'done', {ENDED}, attempt = attempt + 1",
    ],
    **{
        state: [
            QUEUED,  # not in a new round
            HELD,
            f"{RUNNING}, attempt = attempt + 1",
            *(f"state = '{other}'" for other in OVER if other != state),
            "failure = 'another'",
            "progress = 7",
        ]
        for state in OVER
    },
}
ILLEGAL["done"] += [f"{QUEUED}, round = round + 1"]
for ended in OVER:
    ILLEGAL[ended] += [f"{HELD}, round = round + 1, faults = 0, deaths = 0"]
ILLEGAL["cancelled"] += [f"{QUEUED}, round = round + 1"]
ILLEGAL["dead"] += [f"{QUEUED}, round = round + 1", f"{QUEUED}, round = round + 2, faults = 0"]  # with its faults
ILLEGAL["failed"] += [f"{QUEUED}, round = round + 1, attempt = 0"]


@pytest.mark.parametrize("state", ["queued", "held", "running", *OVER])
def test_an_illegal_move_is_refused_and_changes_nothing(world: World, upload: AcceptedClip, state: str) -> None:
    put(world, upload, state)
    with world.uow() as uow:
        before = uow.execute(text("select * from jobs")).one()
    for values in ILLEGAL[state]:
        with pytest.raises(IntegrityError, match="may not go"):
            change(world, values)
        with world.uow() as uow:
            assert uow.execute(text("select * from jobs")).one() == before, values


@pytest.mark.parametrize("state", ["failed", "dead"])
def test_a_new_round_begins_with_nothing_counted_and_the_attempt_kept(
    world: World, upload: AcceptedClip, state: str
) -> None:
    put(world, upload, state)
    change(world, f"{QUEUED}, round = round + 1, faults = 0, deaths = 0")
    with world.uow() as uow:
        assert uow.execute(text("select attempt, round from jobs")).one() == (1, 2)


@pytest.mark.usefixtures("upload")
def test_a_job_is_claimed_only_when_it_is_due(world: World) -> None:
    change(world, "available_at = now() + interval '1 hour'")
    with pytest.raises(IntegrityError, match="may not go queued > running"):
        change(world, f"{RUNNING}, attempt = attempt + 1")


def test_a_job_that_is_over_loses_nothing_but_its_video(world: World, upload: AcceptedClip) -> None:
    put(world, upload, "failed")
    change(world, "video_id = null")


@pytest.mark.parametrize("born", ["state = 'done', finished_at = now()", "attempt = 1", "faults = 1", "round = 2"])
@pytest.mark.usefixtures("upload")
def test_a_job_is_born_in_line_and_untried(world: World, born: str) -> None:
    names = ", ".join(part.split(" = ")[0] for part in born.split(", "))
    values = ", ".join(part.split(" = ")[1] for part in born.split(", "))
    with pytest.raises(IntegrityError, match="may not begin"), world.uow() as uow:
        uow.execute(text(f"insert into jobs (owner_id, {names}) select owner_id, {values} from jobs"))  # noqa: S608
