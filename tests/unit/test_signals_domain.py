"""The normal form of e-mail addresses, and providers of disposable ones."""

import pytest

from anb.signals.disposable import is_disposable
from anb.signals.domain import normal_form


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("lucia@example.com", "lucia@example.com"),
        ("lucia+anb@example.com", "lucia@example.com"),
        ("lucia+a+b@example.com", "lucia@example.com"),
        ("lu.cia@example.com", "lu.cia@example.com"),
        ("lu.c.ia+anb@gmail.com", "lucia@gmail.com"),
        ("lucia@googlemail.com", "lucia@gmail.com"),
        ("+anb@example.com", "+anb@example.com"),
        ("Lucia@Example.com", "lucia@example.com"),
    ],
)
def test_addresses_of_one_mailbox_have_one_form(email: str, mailbox: str) -> None:
    assert normal_form(email) == mailbox
    assert normal_form(normal_form(email)) == mailbox


@pytest.mark.parametrize(
    ("email", "disposable"),
    [
        ("x@mailinator.com", True),
        ("x@some.sub.mailinator.com", True),
        ("x@mailinator.com.example.co", False),
        ("x@gmail.com", False),
        ("x@com", False),
    ],
)
def test_a_provider_of_disposable_mailboxes_is_known_with_its_subdomains(email: str, *, disposable: bool) -> None:
    assert is_disposable(email) is disposable
