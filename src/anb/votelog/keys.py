"""The two keys of a log: the reconciler has that of its checkpoints, web servers that of promises."""

from urllib.parse import urlsplit

from anb.votelog.notes import NoteSigner, derived_signer


def origin_of(public_url: str | None, slug: str) -> str:
    """Return the name of a season's log, which does not change once the log has begun."""
    return f"{urlsplit(public_url or '').netloc or 'localhost'}/log/{slug}"


def log_signer(origin: str, key: str) -> NoteSigner:
    """Return the signer of a log's checkpoints, from ANB_VOTE_LOG_KEY."""
    return derived_signer(origin, key, "anb vote log")


def promise_signer(name: str, secret_key: str) -> NoteSigner:
    """Return the signer of promises, from ANB_SECRET_KEY."""
    return derived_signer(name, secret_key, "anb vote promises")
