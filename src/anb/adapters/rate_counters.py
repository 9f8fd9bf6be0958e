"""Counters of rate limits, shared by all web servers on Valkey. While Valkey is down, each server uses its own."""

import time
from math import ceil
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

from anb.logs import logger
from anb.ports import Count

log = logger(__name__)

PREFIX = "anb:rate"
# A hit takes about 0.2 ms; a server that needs this long is treated as down.
PATIENCE_SECONDS = 0.5
# After a failure, use our own counters for this long, so that few requests pay for the timeout.
REST_SECONDS = 2.0


class SharedCounters:
    """Implements RateCounters with fixed windows of the library `limits` on Valkey or Redis."""

    def __init__(self, url: str) -> None:
        patience: dict[str, Any] = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
        patience["retry"] = Retry(NoBackoff(), 1)  # once: a connection from before a restart fails only when it is used
        self._shared = RedisStorage(_address(url), key_prefix=PREFIX, wrap_exceptions=True, **patience)
        self._own = MemoryStorage()
        self._rests_until = 0.0
        self._lock = Lock()

    def hit(self, key: str, seconds: int) -> Count:
        """Count one more hit, in a window that begins with the first hit."""
        if time.monotonic() >= self._rests_until:
            try:
                return _hit(self._shared, key, seconds)
            except StorageError as error:
                self._rest(error)
        return _hit(self._own, key, seconds)

    def look(self, key: str) -> Count:
        """Return the count without adding to it."""
        if time.monotonic() >= self._rests_until:
            try:
                return _look(self._shared, key)
            except StorageError as error:
                self._rest(error)
        return _look(self._own, key)

    def _rest(self, error: StorageError) -> None:
        with self._lock:
            self._rests_until = time.monotonic() + REST_SECONDS
        log.warning("web.limits.alone", error=repr(error.storage_error))


def _hit(storage: RedisStorage | MemoryStorage, key: str, seconds: int) -> Count:
    return Count(storage.incr(key, seconds), _left(storage, key))


def _look(storage: RedisStorage | MemoryStorage, key: str) -> Count:
    return Count(storage.get(key), _left(storage, key))


def _left(storage: RedisStorage | MemoryStorage, key: str) -> int:
    return max(ceil(storage.get_expiry(key) - time.time()), 1)


def _address(url: str) -> str:
    """Rewrite the queue's address for `limits`: kombu has its own form for unix sockets."""
    parts = urlsplit(url)
    if parts.scheme != "redis+socket":
        return url
    number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
    password = f":{parts.password}@" if parts.password else ""
    return f"redis+unix://{password}{quote(parts.path, safe='/%')}?db={number}"
