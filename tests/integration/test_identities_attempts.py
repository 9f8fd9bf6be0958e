"""Sign-ins with issuers under way, as rows: used once, short-lived, bound to a browser."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from anb.db.tables_identities import sign_in_attempts, vouched_people
from anb.identities import service
from anb.identities.domain import (
    AttemptInvalid,
    KnownPerson,
    hash_of,
    new_secret,
)
from anb.ports.issuers import Vouched
from anb.privacy.retention import RULES, RetentionRun
from support.worlds import World

LUCIA = Vouched("https://id.club.example", "248289761001", "lucia@club.example", True, "Lucía", "Ríos")
BROWSER = new_secret()
PASSKEY = {"credential_id": b"id", "public_key": b"key", "name": "Laptop"}


def person(vouched: Vouched = LUCIA) -> KnownPerson:
    return KnownPerson("club", vouched, "/upload")


class TestAnAttempt:
    def test_a_browser_resumes_what_it_began(self, world: World) -> None:
        with world.uow() as uow:
            secrets = service.begin(uow, BROWSER, "club", "/ranking")
        with world.uow() as uow:
            attempt = service.resume(uow, BROWSER, "club", secrets.state)
        assert (attempt.secrets, attempt.onward, attempt.account_id) == (secrets, "/ranking", None)

    def test_each_has_secrets_of_its_own(self, world: World) -> None:
        with world.uow() as uow:
            both = [service.begin(uow, BROWSER, "club", "/") for _ in range(2)]
        assert len({secret for one in both for secret in (one.state, one.nonce, one.verifier)}) == 6
        assert all(len(one.verifier) >= 43 for one in both)

    @pytest.mark.parametrize("wrong", ["browser", "issuer", "state"])
    def test_nobody_else_resumes_it(self, world: World, wrong: str) -> None:
        with world.uow() as uow:
            state = service.begin(uow, BROWSER, "club", "/").state
        with world.uow() as uow, pytest.raises(AttemptInvalid):
            service.resume(
                uow,
                new_secret() if wrong == "browser" else BROWSER,
                "other" if wrong == "issuer" else "club",
                new_secret() if wrong == "state" else state,
            )
        with world.uow() as uow:  # and the one who began it still can
            assert service.resume(uow, BROWSER, "club", state).key == "club"

    def test_it_is_resumed_once_even_by_two_at_once(self, world: World) -> None:
        with world.uow() as uow:
            state = service.begin(uow, BROWSER, "club", "/").state
        won: list[bool] = []

        def resume() -> None:
            try:
                with world.uow() as uow:
                    service.resume(uow, BROWSER, "club", state)
            except AttemptInvalid:
                won.append(False)
            else:
                won.append(True)

        both = [Thread(target=resume) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(won) == [False, True]

    def test_it_is_short_lived_and_swept_by_the_next(self, world: World) -> None:
        with world.uow() as uow:
            state = service.begin(uow, BROWSER, "club", "/").state
            service.remember(uow, BROWSER, person())
            for table in (sign_in_attempts, vouched_people):
                uow.execute(update(table).values(expires_at=func.now() - timedelta(seconds=1)))
        with world.uow() as uow:
            with pytest.raises(AttemptInvalid):
                service.resume(uow, BROWSER, "club", state)
            with pytest.raises(AttemptInvalid):
                service.remembered(uow, BROWSER)
            service.begin(uow, BROWSER, "club", "/")
            assert uow.execute(select(func.count()).select_from(sign_in_attempts)).scalar_one() == 1
            assert uow.execute(select(func.count()).select_from(vouched_people)).scalar_one() == 0

    def test_what_was_not_finished_goes_each_night(self, world: World) -> None:
        work = RetentionRun(world.database, world.ports, world.settings)
        with world.uow() as uow:
            service.begin(uow, BROWSER, "club", "/")
            service.remember(uow, BROWSER, person())
        assert RULES["sign_ins"](work) == 0
        with world.uow() as uow:
            for table in (sign_in_attempts, vouched_people):
                uow.execute(update(table).values(expires_at=func.now() - timedelta(seconds=1)))
        assert RULES["sign_ins"](work) == 2

    def test_a_stolen_table_holds_neither_states_nor_cookies(self, world: World) -> None:
        with world.uow() as uow:
            state = service.begin(uow, BROWSER, "club", "/").state
            kept = [str(row) for row in uow.execute(select(sign_in_attempts))]
        assert not [row for row in kept if state in row or BROWSER in row]
        assert len(hash_of(state)) == 64
