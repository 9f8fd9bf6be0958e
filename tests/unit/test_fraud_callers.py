"""Which callers seem doubtful before their vote, and are asked for a challenge."""

from dataclasses import replace

import pytest

from anb.fraud.callers import CallerFacts, is_doubtful
from anb.settings.fraud import FraudSettings

KNOWN = CallerFacts(
    is_new=False, is_confirmed=True, is_disposable=False, is_cleared=False, is_clustered=False, recent_votes=1,
    device_accounts=1, mailbox_accounts=1, is_juror=False, is_program=False, block_votes=0,
)  # fmt: skip
SETTINGS = FraudSettings()
DOUBTFUL = {
    "new": replace(KNOWN, is_new=True),
    "not confirmed": replace(KNOWN, is_confirmed=False),
    "disposable": replace(KNOWN, is_disposable=True),
    "of a cluster": replace(KNOWN, is_clustered=True),
    "fast": replace(KNOWN, recent_votes=SETTINGS.fraud_pace_votes + 1),
    "on a shared device": replace(KNOWN, device_accounts=SETTINGS.fraud_device_accounts),
    "of a shared mailbox": replace(KNOWN, mailbox_accounts=SETTINGS.fraud_mailbox_accounts),
    "of a block of programs": replace(KNOWN, is_program=True, block_votes=SETTINGS.fraud_block_votes // 2),
}
FINE = {
    "known": KNOWN,
    "a program": replace(KNOWN, is_program=True),
    "among a few programs": replace(KNOWN, is_program=True, block_votes=SETTINGS.fraud_block_votes // 2 - 1),
    "by the page, beside programs": replace(KNOWN, block_votes=99),
    "on a family's device": replace(KNOWN, device_accounts=SETTINGS.fraud_device_accounts - 1),
    "reviewed": replace(
        KNOWN, is_new=True, is_confirmed=False, is_cleared=True, device_accounts=99, is_program=True, block_votes=99
    ),
}


@pytest.mark.parametrize("who", DOUBTFUL)
def test_a_caller_is_doubtful(who: str) -> None:
    assert is_doubtful(DOUBTFUL[who], SETTINGS)
    assert not is_doubtful(replace(DOUBTFUL[who], is_juror=True), SETTINGS)


@pytest.mark.parametrize("who", FINE)
def test_a_caller_is_not(who: str) -> None:
    assert not is_doubtful(FINE[who], SETTINGS)


def test_a_reviewed_account_that_votes_faster_than_anyone_watches_is_doubtful() -> None:
    assert is_doubtful(replace(FINE["reviewed"], recent_votes=99), SETTINGS)
