"""Two at the same moment: answers, and an answer while waiting clips are deleted. One of each pair wins, whole."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anb.consents import service as consents
from anb.consents.domain import ConsentStanding
from anb.errors import Refusal
from anb.jobs.domain import JobState
from anb.videos import waiting
from support.consenting import answer, ask_marta, days_pass, job_state, say, standing
from support.worlds import Player, World

TRIES = 5


@pytest.fixture
def minor(world: World) -> Player:
    world.season(asks_consent=True)
    world.change(rate_guardian="", rate_guardian_block="")
    return world.player("Nina Menor")


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment; return what each returned, or the refusal it raised."""
    start, found = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        start.wait(10)
        try:
            found[number] = act()
        except Refusal as refusal:
            found[number] = refusal

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def answered(world: World, token: str, *, given: bool) -> Callable[[], ConsentStanding]:
    def act() -> ConsentStanding:
        with world.database.transaction() as uow:
            return waiting.answer_as_guardian(
                uow, world.ports, world.settings, token, consents.current_version(), "es", given=given
            )

    return act


@pytest.mark.parametrize("second", [True, False])
def test_of_two_answers_one_counts(world: World, minor: Player, *, second: bool) -> None:
    clip, token = minor.upload(), ask_marta(minor)
    found = together(answered(world, token, given=True), answered(world, token, given=second))
    (won,) = (each for each in found if isinstance(each, ConsentStanding))
    (lost,) = (each for each in found if isinstance(each, Refusal))
    assert lost.code == "link-used"
    assert standing(minor) is won
    assert job_state(minor, clip.task_id) is (JobState.QUEUED if won is ConsentStanding.GIVEN else JobState.CANCELLED)
    with world.uow() as uow:
        kept = [one.answer for one in consents.list_of(uow, minor.id) if one.who == "guardian"]
    assert kept == ["given" if won is ConsentStanding.GIVEN else "refused"]


def test_a_yes_while_the_clip_is_deleted_leaves_it_queued_or_gone_never_between(world: World) -> None:
    world.season(asks_consent=True)
    world.change(rate_guardian="", rate_guardian_block="")
    for number in range(TRIES):
        minor = world.player(f"Nina {number}")
        clip = minor.upload()
        days_pass(world, 30)
        token = ask_marta(minor)
        world.queue.sent.clear()
        purge = lambda: waiting.settle_all(world.database, world.ports, world.settings)  # noqa: E731
        said, _ = together(answered(world, token, given=True), purge)
        assert said is ConsentStanding.GIVEN
        with world.uow() as uow:
            key = uow.execute(
                text("select original_key from videos where id = :id"), {"id": clip.video_id}
            ).scalar_one_or_none()
        if key is None:
            assert job_state(minor, clip.task_id) is JobState.CANCELLED
            assert world.queue.sent == []
        else:
            assert job_state(minor, clip.task_id) is JobState.QUEUED
            assert world.queue.sent == [clip.task_id]
            assert (world.settings.media_root / key).is_file()


def test_a_clip_that_arrives_while_the_guardian_answers_is_not_left_behind(world: World, minor: Player) -> None:
    token = ask_marta(minor)
    _, clip = together(answered(world, token, given=True), minor.upload)
    waiting.settle_all(world.database, world.ports, world.settings)
    assert job_state(minor, clip.task_id) is JobState.QUEUED  # type: ignore[attr-defined]  # an AcceptedClip


def test_a_link_whose_question_ended_meanwhile_answers_nothing(world: World, minor: Player) -> None:
    token = ask_marta(minor)
    with world.uow() as uow:
        uow.execute(text("update guardians set answer = 'replaced', answered_at = now()"))
    refusal = answered_or_refused(world, token)
    assert (refusal.code, standing(minor)) == ("link-used", ConsentStanding.GUARDIAN_UNNAMED)


def test_a_link_of_another_guardian_is_none(world: World, minor: Player) -> None:
    token = ask_marta(minor)
    with world.uow() as uow:
        uow.execute(text("update links set facts = jsonb_build_object('guardian_id', gen_random_uuid())"))
    assert answered_or_refused(world, token).code == "link-invalid"
    assert standing(minor) is ConsentStanding.GUARDIAN_ASKED


def answered_or_refused(world: World, token: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        answered(world, token, given=True)()
    return refused.value


def test_what_was_answered_is_never_changed(world: World, minor: Player) -> None:
    say(minor, birth_year=1990)
    with pytest.raises(IntegrityError, match="never changed"), world.uow() as uow:
        uow.execute(text("update consents set version = '2000-01-01'"))


def test_every_answer_is_kept_with_its_version_language_and_channel(world: World, minor: Player) -> None:
    assert answer(world, ask_marta(minor), "refused") == 200
    assert answer(world, ask_marta(minor, email="pedro@example.com")) == 200
    with world.uow() as uow:
        kept = consents.list_of(uow, minor.id)
    version = consents.current_version()
    assert [(one.who, one.answer, one.version, one.language, one.channel) for one in kept] == [
        ("player", "given", version, "es", "api"),
        ("guardian", "refused", version, "es", "link"),
        ("guardian", "given", version, "es", "link"),
    ]
