"""Passwords and signatures."""

from uuid import uuid4

import pytest

from anb.adapters.credentials import Argon2Passwords, SignedTokens
from anb.ports import Passwords
from support.fakes import PlainPasswords, SteadyClock


@pytest.mark.parametrize("passwords", [Argon2Passwords(), PlainPasswords()], ids=["argon2id", "fake"])
class TestPasswords:
    def test_the_right_one_matches_and_no_other(self, passwords: Passwords) -> None:
        hashed = passwords.hash("balon-naranja-7")
        assert passwords.matches(hashed, "balon-naranja-7")
        assert not passwords.matches(hashed, "balon-naranja-8")

    def test_nobodys_password_matches_nothing(self, passwords: Passwords) -> None:
        assert not passwords.matches(None, "balon-naranja-7")


def test_passwords_are_argon2id_with_a_salt_each() -> None:
    passwords = Argon2Passwords()
    one, two = passwords.hash("x"), passwords.hash("x")
    assert one.startswith("$argon2id$")
    assert one != two
    assert not passwords.matches("not a hash", "x")


class TestSignedTokens:
    tokens = SignedTokens("s" * 32, 3600, SteadyClock())

    def test_a_token_names_its_owner(self) -> None:
        user = uuid4()
        assert self.tokens.read(self.tokens.issue(user)) == user

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
