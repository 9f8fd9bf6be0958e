"""Passwords and signatures."""

import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import jwt
import pytest

from anb.adapters import credentials
from anb.adapters.credentials import ALGORITHM, AUDIENCE, ISSUER, Argon2Passwords, SignedTokens
from anb.ports import AccessClaims, PasswordHasher
from anb.settings.passwords import PasswordSettings
from support.fakes import PlainPasswords, SteadyClock


@pytest.mark.parametrize("passwords", [Argon2Passwords(), PlainPasswords()], ids=["argon2id", "fake"])
class TestPasswords:
    def test_the_right_one_matches_and_no_other(self, passwords: PasswordHasher) -> None:
        hashed = passwords.hash("balon-naranja-7")
        assert passwords.matches(hashed, "balon-naranja-7")
        assert not passwords.matches(hashed, "balon-naranja-8")

    def test_nobodys_password_matches_nothing(self, passwords: PasswordHasher) -> None:
        assert not passwords.matches(None, "balon-naranja-7")

    def test_a_new_hash_is_up_to_date(self, passwords: PasswordHasher) -> None:
        assert not passwords.is_outdated(passwords.hash("balon-naranja-7"))


def test_a_hash_of_other_parameters_still_matches_and_is_outdated() -> None:
    dearer = Argon2Passwords(PasswordSettings(argon2_passes=1, argon2_kib=64, argon2_lanes=2))
    hashed = dearer.hash("balon-naranja-7")
    assert "$m=64,t=1,p=2$" in hashed
    assert Argon2Passwords().matches(hashed, "balon-naranja-7")
    assert Argon2Passwords().is_outdated(hashed)


def test_passwords_are_argon2id_with_a_salt_each() -> None:
    passwords = Argon2Passwords()
    one, two = passwords.hash("x"), passwords.hash("x")
    assert one.startswith("$argon2id$")
    assert one != two
    assert not passwords.matches("not a hash", "x")


class TestSignedTokens:
    tokens = SignedTokens("s" * 32, 3600, SteadyClock())

    def test_a_token_names_its_owner(self) -> None:
        account, session = uuid4(), uuid4()
        now = SteadyClock().now()
        claims = self.tokens.read(self.tokens.issue(account, session, strong=True))
        assert claims is not None
        assert claims == AccessClaims(account, session, strong=True, issued_at=claims.issued_at)
        assert abs(claims.issued_at - now) < timedelta(seconds=2)

    def test_a_token_of_the_version_before_has_no_session(self) -> None:
        account = uuid4()
        claims = self.tokens.read(self.tokens.issue(account))
        assert claims is not None
        assert claims == AccessClaims(account, None, strong=False, issued_at=claims.issued_at)

    def test_a_token_of_a_server_whose_clock_is_ahead_is_valid(self) -> None:
        ahead = SignedTokens("s" * 32, 3600, SteadyClock(timedelta(seconds=30)))
        assert self.tokens.read(ahead.issue(uuid4())) is not None

    def test_a_token_of_a_server_whose_clock_is_behind_expires_as_it_says(self) -> None:
        behind = SignedTokens("s" * 32, 3600, SteadyClock(timedelta(seconds=-3590)))
        assert self.tokens.read(behind.issue(uuid4())) is not None
        behind = SignedTokens("s" * 32, 3600, SteadyClock(timedelta(seconds=-3601)))
        assert self.tokens.read(behind.issue(uuid4())) is None

    def test_what_was_just_verified_is_not_verified_again_but_expires_as_it_says(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = self.tokens.issue(uuid4())
        claims = self.tokens.read(token)
        monkeypatch.setattr(jwt, "decode", lambda *_, **__: pytest.fail("verified again"))
        assert self.tokens.read(token) == claims
        expiry = time.time() + 3600
        monkeypatch.setattr(credentials, "time", SimpleNamespace(time=lambda: expiry - 2))
        assert self.tokens.read(token) == claims
        monkeypatch.setattr(credentials, "time", SimpleNamespace(time=lambda: expiry))
        assert self.tokens.read(token) is None

    def test_a_token_like_one_that_was_just_verified_names_nobody(self) -> None:
        token = self.tokens.issue(uuid4())
        assert self.tokens.read(token) is not None
        assert self.tokens.read(f"{token}x") is None
        assert self.tokens.read(token[:-2]) is None

    def test_a_session_that_is_no_id_names_nobody(self) -> None:
        odd = jwt.encode(
            {"sub": str(uuid4()), "iss": ISSUER, "aud": AUDIENCE, "iat": 1, "exp": 2**31, "sid": "x"},
            self.tokens._jwt_key,
            algorithm=ALGORITHM,
        )
        assert self.tokens.read(odd) is None

    @pytest.mark.parametrize("word", ["", "a.b.c", "ey"])
    def test_what_is_no_token_names_nobody(self, word: str) -> None:
        assert self.tokens.read(word) is None

    def test_a_token_of_another_secret_names_nobody(self) -> None:
        other = SignedTokens("t" * 32, 3600, SteadyClock())
        assert self.tokens.read(other.issue(uuid4())) is None

    def test_only_what_we_signed_is_verified(self) -> None:
        signature = self.tokens.sign("original:1:2")
        assert self.tokens.verify("original:1:2", signature)
        assert not self.tokens.verify("original:1:3", signature)
        assert not self.tokens.verify("original:1:2", "ñ")
