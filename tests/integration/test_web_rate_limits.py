"""Requests let in and slowed down: a school, a test collection, an operator's network, guesses and stuffed votes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert

from anb.adapters.media import prober
from anb.adapters.rate_counters import SharedCounters
from anb.db.tables_accounts import users
from support.browser_client import OURS, form, published
from support.callers import ELSEWHERE, HOME, SCHOOL, calling, sign_in, sign_up, voted
from support.collection import Collection
from support.publishing import publish
from support.worlds import AcceptedClip, World

CLIP = b"\0\0\0\x18ftypisom a clip that a collection brings along"


def made_elsewhere(world: World, count: int) -> list[UUID]:
    """Add accounts, as though they had signed up at other addresses."""
    person = {"first_name": "Ana", "last_name": "Paz", "city": "Bogotá", "city_key": "bogota", "country": "Colombia"}
    rows = [person | {"email": f"{n}@example.com", "username": f"ana{n}", "password_hash": ""} for n in range(count)]
    with world.uow() as uow:
        return list(uow.execute(insert(users).values(rows).returning(users.c.id)).scalars())


class TestSchool:
    @pytest.mark.slow  # 200 accounts
    def test_two_hundred_people_at_one_address_sign_up_in_and_vote_within_ten_minutes(self, world: World) -> None:
        clips = [published(world, world.player(f"Ana Ríos{letter}")) for letter in "abc"]
        with calling(world, SCHOOL) as school:
            for n in range(200):
                world.clock.ahead += timedelta(seconds=2.9)
                email = f"pupil{n}@example.com"
                made = sign_up(school, email)
                assert made.status_code == 201, made.text
                if n % 4 == 0:
                    assert sign_in(school, email, "balon-naranja-8").status_code == 401
                    assert sign_in(school, email).status_code == 200
                assert {voted(school, UUID(made.json()["user_id"]), one) for one in clips} == {200}

    @pytest.mark.slow  # 400 accounts
    def test_a_script_at_one_address_stays_within_what_a_school_needs(self, world: World) -> None:
        """What was tried: 1,710 votes in 100 s by accounts invented for it."""
        video_id, made = published(world, world.player()), []
        with calling(world) as script:
            for _ in range(600):
                answer = sign_up(script)
                if answer.status_code == 201:
                    made.append(UUID(answer.json()["user_id"]))
            votes = [voted(script, voter, video_id) for voter in made]
        assert len(made) == 400
        assert votes.count(200) <= 400

    @pytest.mark.slow  # a thousand votes
    def test_votes_of_accounts_made_elsewhere_are_bounded_by_the_address_block(self, world: World) -> None:
        video_id, voters = published(world, world.player()), made_elsewhere(world, 110)
        statuses = []
        for last, voter in enumerate(voters):
            with calling(world, f"203.0.113.{last}") as script:
                statuses += [voted(script, voter, video_id) for _ in range(10)]
        assert statuses.count(429) == 100

    def test_another_block_of_addresses_is_nobodys_fault(self, world: World) -> None:
        with calling(world, HOME, rate_sign_up="1/day") as home, calling(world, ELSEWHERE) as elsewhere:
            assert [sign_up(home).status_code, sign_up(home).status_code] == [201, 429]
            assert sign_up(elsewhere).status_code == 201


class TestSubjects:
    @pytest.mark.parametrize(
        ("one", "other", "together"),
        [
            ("203.0.113.1", "203.0.113.254", True),
            ("203.0.113.1", "203.0.112.1", False),
            ("::ffff:203.0.113.1", "203.0.113.9", True),
            ("2001:db8:0:aa00::1", "2001:db8:0:aaff:ffff::2", True),
            ("2001:db8:0:aa00::1", "2001:db8:0:ab00::1", False),
            ("fe80::1%eth0", "fe80::2", True),
            ("no address", "", True),
        ],
    )
    def test_addresses_count_by_blocks(self, world: World, one: str, other: str, together: bool) -> None:
        with calling(world, one, rate_sign_up="1/day") as first, calling(world, other) as second:
            assert sign_up(first).status_code == 201
            assert sign_up(second).status_code == (429 if together else 201)

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "198.51.100.7", "2001:db8:1::5"])
    def test_a_network_that_an_operator_names_is_not_counted(self, world: World, address: str) -> None:
        networks = "127.0.0.0/8, ::1/128 198.51.100.0/24,2001:db8:1::/48"
        with calling(world, address, rate_sign_up="1/day", rate_exempt_networks=networks) as exempt:
            answers = [sign_up(exempt) for _ in range(3)]
        assert {one.status_code for one in answers} == {201}
        assert "ratelimit" not in answers[0].headers

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
    def test_this_machine_is_not_counted_by_default_and_is_where_an_operator_says_so(
        self, world: World, address: str
    ) -> None:
        with calling(world, address, rate_sign_up="1/day") as here:
            assert {sign_up(here).status_code for _ in range(3)} == {201}
        with calling(world, address, rate_sign_up="1/day", rate_exempt_networks="") as here:
            assert [sign_up(here).status_code for _ in range(2)] == [201, 429]

    def test_what_a_client_says_of_its_address_changes_nothing(self, world: World) -> None:
        with calling(world, rate_sign_up="1/day") as liar:
            sign_up(liar)
            liar.headers["X-Forwarded-For"] = "127.0.0.1"
            assert sign_up(liar).status_code == 429

    def test_an_account_is_counted_wherever_it_calls_from(self, world: World) -> None:
        video_id, voter = published(world, world.player()), world.player("Vera Vota")
        with calling(world, HOME, rate_vote="1/day") as here, calling(world, ELSEWHERE) as there:
            assert [voted(here, voter.id, video_id), voted(there, voter.id, video_id)] == [200, 429]

    def test_a_setting_without_a_rate_limits_nothing(self, world: World) -> None:
        with calling(world, rate_sign_up="") as anybody:
            answers = [sign_up(anybody) for _ in range(3)]
        assert {one.status_code for one in answers} == {201}


class TestTold:
    def test_an_answer_says_what_is_left(self, world: World) -> None:
        with calling(world) as visitor:
            made = sign_up(visitor)
        assert made.headers["ratelimit-policy"] == '"sign-up-600";q=400;w=600, "sign-up-86400";q=2000;w=86400'
        assert made.headers["ratelimit"] == '"sign-up-600";r=399;t=600'

    def test_a_list_that_caches_keep_says_nothing_of_who_asked(self, world: World) -> None:
        with calling(world) as visitor:
            for path in ("/api/public/videos", "/api/public/rankings", "/", "/ranking"):
                assert "ratelimit" not in visitor.get(path).headers

    @pytest.mark.parametrize("path", ["/api/public/videos", "/api/public/rankings", "/", "/ranking", "/api/videos"])
    def test_a_list_is_limited_too(self, world: World, path: str) -> None:
        player = world.player()
        with calling(world, rate_read="2/minute") as reader:
            answers = [reader.get(path, headers=player.headers, params={"city": f"C{n}"}) for n in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert "public" not in answers[2].headers.get("cache-control", "")
        assert answers[2].headers["retry-after"]

    def test_people_read_a_page(self, world: World) -> None:
        with calling(world, rate_sign_up="1/day") as visitor:
            visitor.post("/signup", data=form(), headers=OURS)
            visitor.cookies.clear()
            page = visitor.post("/signup", data=form(), headers=OURS)
        assert page.status_code == 429
        assert "Vas muy rápido. Vuelve a intentarlo en 24 h." in page.text
        assert page.headers["retry-after"]


@pytest.mark.parametrize(
    ("setting", "method", "path"),
    [
        ("rate_upload", "POST", "/api/videos/upload"),
        ("rate_upload", "POST", "/api/uploads"),
        ("rate_upload", "POST", "/upload"),
        ("rate_change", "DELETE", "/api/videos/{id}"),
        ("rate_change", "DELETE", "/api/uploads/{id}"),
        ("rate_change", "POST", "/api/jobs/{id}/cancel"),
        ("rate_change", "POST", "/videos/{id}/delete"),
        ("rate_vote", "POST", "/api/public/videos/{id}/vote"),
        ("rate_vote", "POST", "/videos/{id}/vote"),
    ],
)
def test_each_door_counts_before_it_works(world: World, setting: str, method: str, path: str) -> None:
    player = world.player()
    headers = {
        **player.headers,
        **OURS,
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "1",
        "Upload-Metadata": "title bWlv",
    }
    with calling(world, **{setting: "1/day"}) as client:
        address = path.format(id=UUID(int=7))
        statuses = [client.request(method, address, headers=headers).status_code for _ in range(2)]
    assert statuses[0] != 429
    assert statuses[1] == 429


@pytest.mark.parametrize("runs", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_test_collections_of_others_run_one_after_another(world: World, runs: int) -> None:
    world.prober.opens = lambda head: prober.demuxer_of(head) is not None
    with calling(world) as client:
        collection = Collection(client, CLIP, lambda sent: open_to_votes(world, sent))
        for number in range(runs):
            collection.run(number)
    assert [answer.text for answer in collection.answers if answer.status_code == 429] == []
    assert any("ratelimit" in answer.headers for answer in collection.answers), "it was counted"


def open_to_votes(world: World, sent: dict[str, str]) -> None:
    publish(world, AcceptedClip(UUID(sent["video_id"]), UUID(sent["task_id"])))


def test_without_valkey_nobody_gets_a_500_and_a_bound_holds(world: World, tmp_path: Path) -> None:
    alone = SharedCounters(f"redis+socket://:x@localhost{tmp_path}/nobody.sock?virtual_host=0")
    world.client.app.state.ports = replace(world.ports, rates=alone)  # type: ignore[attr-defined]
    with calling(world, rate_sign_up="2/day") as visitor:
        assert [sign_up(visitor).status_code for _ in range(3)] == [201, 201, 429]
