"""Where a role needs a second factor: what a password alone may do, and what it may not."""

import re

import httpx2 as httpx
import pytest

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.sessions import service as sessions
from anb.sessions.domain import SessionKind
from anb.settings.rates import RateNetworks, RateSettings
from support.browser_client import browser_client, published
from support.routes import routes
from support.worlds import AcceptedClip, Player, World

ALL_ROLES = frozenset({"juror", "organizer", "administrator"})
NEEDED = (403, "second-factor-needed")
ACTED_ON = re.compile(r"\{(video|task|job|upload)_id\}")  # an earlier act may have changed a clip that others share


@pytest.fixture
def strict(world: World) -> World:
    world.change(second_factor_roles=ALL_ROLES)
    return world


def with_role(world: World, role: Role, *, strong: bool = False, name: str = "Olga Organiza") -> Player:
    """Sign in an account with a role."""
    player = world.player(name)
    with world.uow() as uow:
        accounts.give_role(uow, player.email, role)
    return signed_in(world, player, strong=strong)


def signed_in(world: World, player: Player, *, strong: bool) -> Player:
    with world.uow() as uow:
        opened = sessions.open_session(
            uow, world.ports, player.id, kind=SessionKind.PROGRAM, device="", block=None, strong=strong
        )
    player.headers = {"Authorization": f"Bearer {world.ports.tokens.issue(player.id, opened.id)}"}
    return player


def sign_all_in(world: World, weak: tuple[Player, ...], strong: Player) -> None:
    for each in weak:
        signed_in(world, each, strong=False)
    signed_in(world, strong, strong=True)


def filled(path: str, clip: AcceptedClip) -> str:
    """Fill in the ids of another player's clip. An unknown parameter fails: tell the test what it may be."""
    known = {
        "video_id": clip.video_id, "task_id": clip.task_id, "job_id": clip.task_id, "upload_id": clip.task_id,
        "rendition": "original", "version": "0", "name": "site.css", "season_id": clip.task_id,
        "passkey_id": clip.task_id, "session_id": clip.task_id, "token": "x", "provider": "google", "kind": "x",
        "account_id": clip.task_id, "cluster_id": clip.task_id, "secret": "x", "purpose": "reset", "username": "x",
        "key": "google", "identity_id": clip.task_id, "mail_id": clip.task_id, "slug": "x",
        "player_id": clip.task_id, "index": "0", "clip": "x", "act": "x",
    }  # fmt: skip
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(known[found[1]]), path)


def answer(world: World, method: str, path: str, who: Player) -> tuple[int, str]:
    headers = who.headers | {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    got: httpx.Response = world.client.request(method, path, headers=headers, follow_redirects=False)
    is_problem = got.headers.get("content-type", "").startswith("application/problem+json")
    return got.status_code, got.json()["code"] if is_problem else ""


@pytest.mark.parametrize("role", [pytest.param(Role.ORGANIZER, marks=pytest.mark.slow), Role.ADMINISTRATOR])
def test_every_act_that_an_organizer_may_do_and_a_player_may_not_needs_a_strong_session(
    strict: World, role: Role
) -> None:
    strict.change(quota_waiting_clips=0)
    strict.change(**dict.fromkeys(RateSettings.model_fields.keys() - RateNetworks.model_fields.keys(), ""))
    owner, player = strict.player(), strict.player("Mateo Gil")
    # Two organizers, because some acts can be done once only.
    organizer, other = with_role(strict, role), with_role(strict, role, name="Otra Organiza")
    guarded, clip = set(), owner.upload()
    sign_all_in(strict, (organizer, player), other)
    for method, path in sorted(routes(strict), key=lambda each: each[0] != "GET"):
        if method != "GET":
            sign_all_in(strict, (organizer, player), other)  # the act before may have ended a session
            clip = owner.upload() if ACTED_ON.search(path) else clip
        place = filled(path, clip)
        weak, as_player, strong = (answer(strict, method, place, who) for who in (organizer, player, other))
        assert weak == (NEEDED if strong != as_player else as_player), f"{method} {path}"
        if weak == NEEDED:
            guarded.add(f"{method} {path}")
    assert {
        "GET /api/admin/jobs", "GET /api/admin/line", "GET /api/admin/backlog", "PUT /api/admin/drain",
        "DELETE /api/admin/drain", "GET /api/admin/seasons", "POST /api/admin/seasons/{slug}/close",
        "POST /api/admin/jobs/{job_id}/cancel", "GET /api/videos/{video_id}", "GET /api/videos/{video_id}/{rendition}",
        "GET /api/jobs/{task_id}", "POST /api/jobs/{task_id}/cancel", "GET /videos/{video_id}",
    } <= guarded  # fmt: skip


def test_without_the_setting_a_password_is_enough(world: World) -> None:
    organizer = with_role(world, Role.ORGANIZER)
    assert answer(world, "GET", "/api/admin/jobs", organizer) == (200, "")


@pytest.mark.parametrize("named", ["organizer", "administrator"])
def test_an_administrator_needs_one_where_organizers_do_and_where_administrators_do(world: World, named: str) -> None:
    world.change(second_factor_roles=frozenset({named}))
    administrator = with_role(world, Role.ADMINISTRATOR)
    assert answer(world, "GET", "/api/admin/jobs", administrator) == NEEDED
    assert answer(world, "GET", "/api/admin/jobs", signed_in(world, administrator, strong=True)) == (200, "")


def test_a_role_that_the_setting_does_not_name_needs_none(world: World) -> None:
    world.change(second_factor_roles=frozenset({"juror"}))
    assert answer(world, "GET", "/api/admin/jobs", with_role(world, Role.ORGANIZER)) == (200, "")


def test_an_organizer_s_own_clip_is_a_player_s(strict: World) -> None:
    organizer = with_role(strict, Role.ORGANIZER)
    clip = organizer.upload()
    for method, path in (
        ("GET", f"/api/videos/{clip.video_id}"),
        ("GET", f"/api/jobs/{clip.task_id}"),
        ("GET", f"/api/videos/{clip.video_id}/original"),
        ("POST", f"/api/jobs/{clip.task_id}/cancel"),
        ("DELETE", f"/api/videos/{clip.video_id}"),
    ):
        assert answer(strict, method, path, organizer) == (200, ""), path


class TestVotes:
    def test_a_juror_s_vote_needs_a_strong_session_and_is_no_vote_of_the_public(self, strict: World) -> None:
        clip = published(strict, strict.player())
        juror = with_role(strict, Role.JUROR)
        vote = f"/api/public/videos/{clip}/vote"
        assert answer(strict, "POST", vote, juror) == NEEDED
        assert counts(strict) == (0, 0)
        assert answer(strict, "POST", vote, signed_in(strict, juror, strong=True)) == (200, "")
        assert counts(strict) == (0, 1)

    def test_without_the_setting_a_password_is_enough(self, world: World) -> None:
        clip = published(world, world.player())
        assert answer(world, "POST", f"/api/public/videos/{clip}/vote", with_role(world, Role.JUROR)) == (200, "")
        assert counts(world) == (0, 1)

    @pytest.mark.parametrize("role", [Role.ORGANIZER, Role.ADMINISTRATOR])
    def test_an_organizer_votes_as_the_public_does(self, strict: World, role: Role) -> None:
        clip = published(strict, strict.player())
        assert answer(strict, "POST", f"/api/public/videos/{clip}/vote", with_role(strict, role)) == (200, "")
        assert counts(strict) == (1, 0)

    def test_on_a_page_too(self, strict: World) -> None:
        clip = published(strict, strict.player())
        juror = with_role(strict, Role.JUROR)
        with browser_client(strict, juror) as browser:
            refused = browser.post(f"/videos/{clip}/vote")
        assert refused.headers["location"].startswith("/account/factor?next=")
        assert counts(strict) == (0, 0)


def counts(world: World) -> tuple[int, int]:
    """Return the votes of the public and of the jury for the only clip."""
    (clip,) = world.client.get("/api/public/videos").json()
    return clip["votes"], clip["jury_votes"]
