"""Rules of a jury change only with a reason once a clip was scored; no order of acts lets a wrong score in."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.contest import seasons
from anb.contest.jury_rules import Criterion
from anb.jury.clip_names import name_of
from anb.videos import publication
from support.jury import JURY, SeatedJuror, clips_for, judged, score_rows, season_of, seated
from support.locks import while_uncommitted
from support.worlds import OPERATOR, World

ACTS = ["score", "undo", "close", "reopen", "hide", "show", "demote", "promote"]


@pytest.fixture
def juror(world: World) -> SeatedJuror:
    judged(world)
    return seated(world)


@pytest.fixture
def clip(world: World, juror: SeatedJuror) -> UUID:  # noqa: ARG001 - the season of the jury comes first
    return clips_for(world, 1)[0]


class TestRules:
    def test_once_a_clip_was_scored_they_change_only_with_a_reason(
        self, world: World, juror: SeatedJuror, clip: UUID
    ) -> None:
        slug, headers = season_of(world).slug, world.organizer().headers
        rules = {"jury": {"criteria": [{"name": "technique", "es": "Técnica", "en": "Technique"}]}}
        address = f"/api/admin/seasons/{slug}/rules"
        assert world.client.put(address, json=rules, headers=headers).status_code == 200
        juror.ask("PUT", f"/api/jury/clips/{name_of(world.ports, clip)}/score", json={"marks": {"technique": 7}})
        refused = world.client.put(address, json=rules, headers=headers)
        assert refused.json()["code"] == "reason-needed"
        two = {"jury": {"criteria": [*rules["jury"]["criteria"], {"name": "style", "es": "Estilo", "en": "Style"}]}}
        assert world.client.put(address, json=two | {"reason": "Faltaba"}, headers=headers).status_code == 200
        assert juror.queue()["scored"] == 0  # a mark is missing: the clip is in the queue again

    def test_marks_of_former_rules_do_not_pass_the_database(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.queue()
        other = replace(JURY, criteria=(*JURY.criteria, Criterion("style", 1, "Estilo", "Style")))
        season = replace(season_of(world), jury=other)
        done = while_uncommitted(
            world,
            lambda uow: seasons.change_rules(uow, OPERATOR, season.slug, season, "x"),
            lambda: juror.score(name_of(world.ports, clip)),
        )
        assert done.result().json()["code"] == "score-changed"
        assert score_rows(world) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.sampled_from(["score", "undo", "close", "reopen", "hide", "show", "demote", "promote"]), max_size=8
    )
)
def test_in_any_order_a_score_is_taken_only_while_it_may_be(
    world: World, juror: SeatedJuror, clip: UUID, acts: list[str]
) -> None:
    is_open, public, role = True, True, True
    with world.uow() as uow:
        season = seasons.show(uow, season_of(world).slug)
    held: int | None = None
    for number, act in enumerate(acts):
        with world.uow() as uow:
            if act == "close" and is_open:
                seasons.close_season(uow, OPERATOR)
            elif act == "reopen" and not is_open:
                seasons.reopen(uow, OPERATOR, season.slug, None, "x")
            elif act in ("hide", "show"):
                publication.set_published(uow, clip, published=act == "show")
            elif act in ("demote", "promote"):
                accounts.give_role(uow, juror.player.email, Role.JUROR if act == "promote" else Role.PLAYER)
        is_open = {"close": False, "reopen": True}.get(act, is_open)
        public = {"hide": False, "show": True}.get(act, public)
        role = {"demote": False, "promote": True}.get(act, role)
        may = is_open and public and role
        juror.player.headers = world.bearer(juror.player.id)
        name = name_of(world.ports, clip)
        if act == "score":
            assert (juror.score(name, number % 10 + 1, 5).status_code == 200) == may
            held = number % 10 + 1 if may else held
        if act == "undo":
            assert (juror.ask("DELETE", f"/api/jury/clips/{name}/score").status_code == 200) == may
            held = None if may else held
        if held is not None:
            assert [row[0] for row in score_rows(world)] == [{"technique": held, "defence": 5}]
    with world.uow() as uow:
        accounts.give_role(uow, juror.player.email, Role.JUROR)
        publication.set_published(uow, clip, published=True)
        if not is_open:
            seasons.reopen(uow, OPERATOR, season.slug, None, "x")
