"""The challenge before a vote: by the API and by the page, for all voters and for doubtful ones alone."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, text

from anb.accounts.domain import Role
from anb.challenges import service as challenges
from anb.challenges.domain import ChallengePurpose
from anb.contest import service as contest
from anb.fraud.callers import seems_doubtful
from anb.settings.fraud import FraudSettings
from anb.signals.domain import Trace
from support.browser_client import browser_client, published
from support.callers import HOME, calling
from support.challenges import solve
from support.judging import aged, cast
from support.signalling import note, people, search, share_mailbox
from support.worlds import OPERATOR, Player, World

WORK = {"challenge_tries": 4}
ALWAYS, DOUBTFUL = {"challenge_votes": "always", **WORK}, {"challenge_votes": "doubtful", **WORK}


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


@pytest.fixture
def fan(world: World) -> Player:
    return world.player("Ana Paz")


def vote(fan: Player, clip: UUID, solution: str = "", client: TestClient | None = None, **more: str) -> httpx.Response:
    named = {name.replace("_", "-"): word for name, word in more.items()}
    headers = fan.headers | named | ({"Challenge-Solution": solution} if solution else {})
    return (client or fan.world.client).post(f"/api/public/videos/{clip}/vote", headers=headers)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def asked(fan: Player, clip: UUID) -> str:
    """Vote without a solution, and solve what is asked for."""
    answer = vote(fan, clip)
    assert refused(answer) == (403, "challenge-needed")
    return solve(answer.json()["challenge"])


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    run: list[str] = []

    def remember(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        run.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", remember)
    yield run
    event.remove(world.database.engine, "before_cursor_execute", remember)


class TestNever:
    def test_nobody_is_asked_and_no_statement_more_is_run(self, world: World, clip: UUID, fan: Player) -> None:
        with statements(world) as run:
            assert vote(fan, clip, "not a solution").json()["message"] == "Voto registrado exitosamente."
        assert not any("users_of_device" in statement for statement in run)


class TestAlways:
    @pytest.fixture(autouse=True)
    def _always(self, world: World) -> None:
        world.change(**ALWAYS)

    def test_a_program_solves_it_and_votes(self, clip: UUID, fan: Player) -> None:
        solution = asked(fan, clip)
        assert vote(fan, clip, solution).json()["message"] == "Voto registrado exitosamente."

    def test_the_refusal_says_what_to_do_in_the_language_of_the_client(self, clip: UUID, fan: Player) -> None:
        answer = vote(fan, clip, accept_language="en").json()
        assert answer["detail"].startswith("Before this vote, a challenge has to be solved")
        assert answer["challenge"]["parameters"]["algorithm"] == "PBKDF2/SHA-256"

    def test_a_vote_that_is_sent_again_after_a_lost_answer_counts_once(self, clip: UUID, fan: Player) -> None:
        solution = asked(fan, clip)
        assert vote(fan, clip, solution).status_code == 200
        assert refused(vote(fan, clip, solution)) == (400, "already-voted")

    def test_an_idempotency_key_brings_the_same_answer_and_needs_no_second_solution(
        self, clip: UUID, fan: Player
    ) -> None:
        solution = asked(fan, clip)
        first, again = (vote(fan, clip, solution, idempotency_key="once") for _ in range(2))
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == again.json()

    def test_a_solution_of_another_account_or_clip_is_wrong(self, world: World, clip: UUID, fan: Player) -> None:
        other, elsewhere = world.player("Bea Paz"), published(world, world.player("Otra Jugadora"), "Otro")
        for solution in (asked(other, clip), asked(fan, elsewhere)):
            assert refused(vote(fan, clip, solution)) == (403, "challenge-wrong")

    def test_a_solution_that_comes_late_is_refused_and_a_new_challenge_comes_along(
        self, world: World, clip: UUID, fan: Player
    ) -> None:
        solution = asked(fan, clip)
        world.clock.ahead += timedelta(seconds=world.settings.challenge_seconds + 1)
        late = vote(fan, clip, solution)
        assert refused(late) == (403, "challenge-expired")
        assert "vale 10 min" in late.json()["detail"]
        world.clock.ahead = timedelta()
        assert vote(fan, clip, solve(vote(fan, clip).json()["challenge"])).status_code == 200

    def test_a_spent_solution_is_refused(self, world: World, clip: UUID, fan: Player) -> None:
        solution = asked(fan, clip)
        assert (
            challenges.find_fault(world.ports, world.settings, ChallengePurpose("vote", fan.id, clip), solution) is None
        )
        assert refused(vote(fan, clip, solution)) == (403, "challenge-spent")

    def test_who_may_not_vote_anyway_is_told_that_and_solves_nothing(self, world: World, clip: UUID) -> None:
        owner = world.player("Dueña Mía")
        assert refused(vote(owner, published(world, owner, "Propio"))) == (400, "own-video")
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        assert refused(vote(owner, clip)) == (400, "season-closed")

    def test_the_page_asks_its_script_and_says_it_to_people_without(
        self, world: World, clip: UUID, fan: Player
    ) -> None:
        with browser_client(world, fan) as visitor:
            assert "data-challenge" not in visitor.get(f"/videos/{clip}").text
            answer = visitor.post(f"/videos/{clip}/vote")
            assert answer.status_code == 403
            assert "con JavaScript y por https" in answer.text
            (challenge,) = re.findall(r'data-challenge="([^"]*)"', answer.text)
            solution = solve(json.loads(html.unescape(challenge)))
            assert visitor.post(f"/videos/{clip}/vote", data={"altcha": solution}).status_code == 303
            assert "data-vote" not in visitor.get(f"/videos/{clip}").text.replace("data-votes", "")

    def test_what_fails_is_in_the_security_log(
        self, clip: UUID, fan: Player, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert refused(vote(fan, clip, "x")) == (403, "challenge-wrong")
        said = "".join(capfd.readouterr())
        assert "contest.challenge.failed" in said
        assert "challenge-wrong" in said


class TestLimits:
    @pytest.mark.parametrize("by_page", [False, True], ids=["api", "page"])
    def test_a_challenged_vote_counts_once(self, world: World, clip: UUID, fan: Player, *, by_page: bool) -> None:
        clips = [clip, *(published(world, world.player(f"Otra {name}"), name) for name in ("Uno", "Dos"))]
        with calling(world, HOME, rate_vote="2/day", **ALWAYS) as client:
            solutions = [solve(vote(fan, each, client=client).json()["challenge"]) for each in clips[:2]]
            assert refused(vote(fan, clips[2], client=client)) == (429, "too-many-requests")
            if by_page:
                with browser_client(world, fan) as visitor:
                    sent = [visitor.post(f"/videos/{each}/vote", data={"altcha": solution})
                            for each, solution in zip(clips, solutions, strict=False)]  # fmt: skip
                    assert [answer.status_code for answer in sent] == [303, 303]
            else:
                answers = [vote(fan, each, solution, client) for each, solution in zip(clips, solutions, strict=False)]
                assert [answer.status_code for answer in answers] == [200, 200]

    def test_a_solution_that_is_not_right_counts(self, world: World, clip: UUID, fan: Player) -> None:
        with calling(world, HOME, rate_vote="3/day", **ALWAYS) as client:
            solution = solve(vote(fan, clip, client=client).json()["challenge"])
            assert refused(vote(fan, clip, "x", client)) == (403, "challenge-wrong")
            assert vote(fan, clip, solution, client).status_code == 200
            assert refused(vote(fan, clip, solution, client)) == (400, "already-voted")  # spent: it is counted again
            assert refused(vote(fan, clip, solution, client)) == (429, "too-many-requests")


class TestDoubtful:
    @pytest.fixture(autouse=True)
    def _doubtful(self, world: World) -> None:
        world.change(**DOUBTFUL)

    def code(self, fan: Player, clip: UUID, address: str = HOME) -> str:
        with calling(fan.world, address) as client:
            return refused(vote(fan, clip, client=client))[1]

    def test_an_account_of_today_is_asked_and_votes(self, world: World, clip: UUID, fan: Player) -> None:
        with calling(world) as client:
            answer = vote(fan, clip, client=client)
            assert refused(answer) == (403, "challenge-needed")
            assert vote(fan, clip, solve(answer.json()["challenge"]), client).status_code == 200

    def test_an_account_that_something_vouches_for_is_not(self, world: World, clip: UUID, fan: Player) -> None:
        aged(world, [fan.id])
        assert self.code(fan, clip) == ""

    def test_nobody_from_this_machine_or_an_exempt_network_is(self, world: World, clip: UUID, fan: Player) -> None:
        assert self.code(fan, clip, "127.0.0.1") == ""
        with calling(world, HOME, rate_exempt_networks=f"{HOME}/32") as client:
            assert vote(world.player("Bea Paz"), clip, client=client).status_code == 200

    def test_jurors_are_not(self, world: World, clip: UUID) -> None:
        assert self.code(world.promoted(world.player("Judith Justa"), Role.JUROR), clip) == ""

    @pytest.mark.parametrize("mark", ["cluster", "pace", "device", "mailbox", "block", "disposable"])
    def test_what_the_database_knows_makes_an_account_doubtful(
        self, world: World, clip: UUID, fan: Player, mark: str
    ) -> None:
        others, trace = aged(world, [*people(world, 6), fan.id])[:6], Trace(None, "farm")
        assert not doubtful(world, fan, clip, trace)
        if mark == "cluster":
            note(world, [*others, fan.id], act="sign-up", device="farm")
            search(world)
        elif mark == "pace":
            owner = world.player("Dueña Mía")
            cast(world, [fan.id] * 2, [published(world, owner, f"Clip {n}") for n in range(2)])
        elif mark == "device":
            note(world, others, device="farm")
            trace = Trace("farm", "farm")
        elif mark == "mailbox":
            share_mailbox(world, [*others[:3], fan.id], "farm")
        else:
            with world.uow() as uow:
                uow.execute(text(CHANGES[mark]), {"clip": clip, "fan": fan.id})
        assert doubtful(world, fan, clip, trace, fraud_pace_votes=2)


CHANGES = {
    "block": "insert into clip_marks (video_id, kind, mark, votes) values (:clip, 'block', 'farm', 4)",
    "disposable": "update users set email = 'ana@mailinator.com' where id = :fan",
}


def doubtful(world: World, fan: Player, clip: UUID, trace: Trace, **settings: int) -> bool:
    known = FraudSettings.model_validate(settings)
    with world.uow() as uow:
        return seems_doubtful(uow, known, fan.id, clip, trace)


def test_nobody_is_doubtful_whose_account_is_gone(world: World, clip: UUID) -> None:
    with world.uow() as uow:
        assert not seems_doubtful(uow, FraudSettings(), UUID(int=0), clip, Trace(None, "farm"))
