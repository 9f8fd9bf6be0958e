"""Addresses of providers that give a mailbox to anyone for minutes, by a list that others maintain."""

from functools import cache


def is_disposable(email: str) -> bool:
    """Say whether an address is of a provider of disposable mailboxes, or of a subdomain of one."""
    parts = email.rpartition("@")[2].lower().split(".")
    return any(".".join(parts[start:]) in _domains() for start in range(len(parts) - 1))


@cache
def _domains() -> frozenset[str]:
    from disposable_email_domains import blocklist  # noqa: PLC0415 - thousands of names that few processes need

    return frozenset(blocklist)
