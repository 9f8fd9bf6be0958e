"""Secrets in the database: readable only with the key, and only for their owner."""

import pytest

from anb.adapters.credentials import NoKey
from anb.adapters.secret_box import NoSecrets, SealedSecrets

BOX = SealedSecrets("s" * 32)


def test_a_secret_is_read_again_by_its_owner_alone() -> None:
    sealed = BOX.seal("JBSWY3DP", "lucia")
    assert BOX.unseal(sealed, "lucia") == "JBSWY3DP"
    assert BOX.unseal(sealed, "mateo") is None


def test_the_same_secret_never_looks_the_same() -> None:
    assert BOX.seal("JBSWY3DP", "lucia") != BOX.seal("JBSWY3DP", "lucia")
    assert b"JBSWY3DP" not in BOX.seal("JBSWY3DP", "lucia")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(40)])
def test_what_we_did_not_seal_is_not_read(sealed: bytes) -> None:
    assert BOX.unseal(sealed, "lucia") is None


def test_another_key_reads_nothing() -> None:
    assert SealedSecrets("t" * 32).unseal(BOX.seal("JBSWY3DP", "lucia"), "lucia") is None


def test_without_a_key_there_is_nothing_to_take() -> None:
    with pytest.raises(NoKey):
        NoSecrets().seal("JBSWY3DP", "lucia")
    with pytest.raises(NoKey):
        NoSecrets().unseal(b"", "lucia")
