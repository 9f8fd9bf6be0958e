"""Counters of rate limits, shared by all web servers on Valkey. While Valkey is down, each server uses its own."""

import time
from collections.abc import Sequence
from math import ceil
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from anb.logs import logger
from anb.ports import Count, RateWindow

log = logger(__name__)

PREFIX = "anb:rate"
# As the library counts a hit in a fixed window; by the library, a vote took eight commands, a third of its time.
HIT_EACH = """
local counts = {}
for place, key in ipairs(KEYS) do
    local hits = redis.call("incrby", key, 1)
    if hits == 1 then redis.call("expire", key, ARGV[2 * place - 1]) end
    counts[2 * place - 1], counts[2 * place] = hits, redis.call("ttl", key)
    if hits > tonumber(ARGV[2 * place]) then break end
end
return counts
"""
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
        self._hit_each = self._shared.storage.register_script(HIT_EACH)
        self._own = MemoryStorage()
        self._rests_until = 0.0
        self._lock = Lock()

    def hit(self, key: str, seconds: int) -> Count:
        """Count one more hit, in a window that begins with the first hit."""
        return self.hit_each([RateWindow(key, seconds, 0)])[0]

    def hit_each(self, windows: Sequence[RateWindow]) -> list[Count]:
        """Count one more hit in each, in order, and none after the first that has too many: one round trip."""
        if windows and time.monotonic() >= self._rests_until:
            try:
                return self._hit_shared(windows)
            except RedisError as error:
                self._rest(error)
        counts = list[Count]()
        for each in windows:
            counts.append(Count(self._own.incr(each.key, each.seconds), _left(self._own, each.key)))
            if counts[-1].hits > each.most:
                break
        return counts

    def look(self, key: str) -> Count:
        """Return the count without adding to it."""
        if time.monotonic() >= self._rests_until:
            try:
                return _look(self._shared, key)
            except StorageError as error:
                self._rest(error.storage_error)
        return _look(self._own, key)

    def _hit_shared(self, windows: Sequence[RateWindow]) -> list[Count]:
        keys = [self._shared.prefixed_key(each.key) for each in windows]
        limits = [number for each in windows for number in (each.seconds, each.most)]
        found: list[int] = self._hit_each(keys, limits, client=self._shared.storage)
        return [Count(hits, max(left, 1)) for hits, left in zip(found[::2], found[1::2], strict=True)]

    def _rest(self, error: Exception) -> None:
        with self._lock:
            self._rests_until = time.monotonic() + REST_SECONDS
        log.warning("web.limits.alone", error=repr(error))


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
