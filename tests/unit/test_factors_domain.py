"""Codes that people type: their forms, the steps that are good, and what is kept of them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from anb.factors.domain import (
    MOST_NAME,
    Factors,
    clean_name,
    hash_recovery,
    is_recovery,
    is_totp,
    matching_step,
    near,
    new_recovery_codes,
    plain,
    step_at,
)

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "123\u00a0456"])
def test_a_code_may_be_typed_with_gaps(typed: str) -> None:
    assert is_totp(plain(typed))


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_what_is_not_six_digits_is_no_one_time_password(typed: str) -> None:
    assert not is_totp(plain(typed))


def test_recovery_codes_differ_and_are_read_in_any_case_and_grouping() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert is_recovery(plain(code))
        assert is_recovery(plain(code.upper().replace("-", " ")))
    assert not is_recovery(plain(codes[0][:-1]))
    assert not is_recovery("0" * 24)  # neither 0 nor 1, which look like letters


def test_the_same_recovery_code_of_two_accounts_is_kept_under_two_hashes() -> None:
    one, other = uuid4(), uuid4()
    assert hash_recovery(one, "ABC-def") == hash_recovery(one, "abcdef")
    assert hash_recovery(one, "abcdef") != hash_recovery(other, "abcdef")


def test_a_step_lasts_half_a_minute() -> None:
    assert step_at(NOON + timedelta(seconds=29)) == step_at(NOON)
    assert step_at(NOON + timedelta(seconds=30)) == step_at(NOON) + 1


def test_the_steps_beside_this_one_are_good_but_none_that_was_used() -> None:
    assert list(near(100, 0)) == [99, 100, 101]
    assert list(near(100, 99)) == [100, 101]
    assert list(near(100, 101)) == []


def test_of_equal_codes_the_latest_step_counts() -> None:
    codes = [(99, "111111"), (100, "222222"), (101, "111111")]
    assert matching_step(codes, "111111") == 101
    assert matching_step(codes, "222222") == 100
    assert matching_step(codes, "333333") is None


def test_recovery_codes_alone_are_no_factor() -> None:
    assert not Factors(recovery_left=10).any
    assert Factors(totp_since=NOON).any


def test_a_passkey_has_a_short_name_without_blanks_around_it() -> None:
    assert clean_name("  Mi   celular ", "Passkey") == "Mi celular"
    assert clean_name(" \n ", "Passkey") == "Passkey"
    assert clean_name("a\x00b", "Passkey") == "Passkey"
    assert clean_name("\u202eoculto", "Passkey") == "Passkey"
    assert clean_name("x" * 100, "Passkey") == "x" * MOST_NAME
