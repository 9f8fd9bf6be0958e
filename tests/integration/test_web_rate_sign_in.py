"""Guesses at passwords are slowed for one account from one address, and no other client is kept out."""

from datetime import timedelta

import pytest

from support.browser_client import OURS
from support.callers import HOME, calling, sign_in
from support.worlds import World


class TestSignIn:
    def test_guesses_at_one_account_are_slowed_and_told_until_when(self, world: World) -> None:
        email = world.player().email
        with calling(world) as guesser:
            assert [sign_in(guesser, email, f"guess-{n}").status_code for n in range(5)] == [401] * 5
            refused = sign_in(guesser, email, "guess-5")
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        assert refused.headers["content-type"] == "application/problem+json"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit-policy"] == '"sign-in-60";q=5;w=60'
        assert refused.headers["ratelimit"].startswith('"sign-in-60";r=0;t=')

    def test_the_right_password_does_not_help_who_guessed_too_often(self, world: World) -> None:
        email = world.player().email
        with calling(world) as guesser:
            for n in range(5):
                sign_in(guesser, email, f"guess-{n}")
            assert sign_in(guesser, email).status_code == 429

    def test_the_owner_still_gets_in_from_another_address(self, world: World) -> None:
        email = world.player().email
        with calling(world, HOME) as guesser, calling(world, "203.0.113.8") as neighbour:
            for n in range(8):
                sign_in(guesser, email, f"guess-{n}")
            assert sign_in(neighbour, email).status_code == 200

    def test_who_signs_in_rightly_is_never_counted(self, world: World) -> None:
        email = world.player().email
        with calling(world) as program:
            assert {sign_in(program, email).status_code for _ in range(25)} == {200}

    @pytest.mark.slow
    def test_the_wait_grows_with_the_guesses_and_ends(self, world: World) -> None:
        email = world.player().email
        with calling(world) as guesser:
            guesses = 0
            for _minute in range(55):
                while sign_in(guesser, email, "guess").status_code == 401:
                    guesses += 1
                world.clock.ahead += timedelta(seconds=61)
            assert guesses == 20
            world.clock.ahead += timedelta(days=1)
            assert sign_in(guesser, email).status_code == 200

    @pytest.mark.slow
    def test_a_list_of_passwords_for_many_accounts_ends_too(self, world: World) -> None:
        with calling(world) as guesser:
            answers = [sign_in(guesser, f"{n}@example.com", "123456").status_code for n in range(205)]
        assert (answers.count(401), answers.count(429)) == (200, 5)

    def test_an_account_that_is_not_there_is_slowed_like_one_that_is(self, world: World) -> None:
        email = world.player().email
        with calling(world) as guesser:
            there = [sign_in(guesser, email, "guess").text for _ in range(7)]
            nowhere = [sign_in(guesser, "nobody@example.com", "guess").text for _ in range(7)]
        assert there == nowhere

    def test_guesses_on_the_page_count_with_those_of_programs(self, world: World) -> None:
        email = world.player().email
        with calling(world) as guesser:
            for n in range(5):
                guesser.post("/login", data={"email": email, "password": f"guess-{n}"}, headers=OURS)
            assert sign_in(guesser, email).status_code == 429
            assert guesser.post("/login", data={"email": email, "password": "x"}, headers=OURS).status_code == 429
