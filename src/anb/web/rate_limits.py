"""Rate limits by account and by address block, and the headers that report them to a client."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from limits import RateLimitItem, parse_many

from anb.errors import Refusal
from anb.logs import record
from anb.ports import Count, Ports, RateWindow
from anb.sentences import Sentence
from anb.settings import Settings
from anb.settings.rates import networks
from anb.web.deps import MaybeCaller
from anb.web.security_headers import add_headers

# The size of a household's, school's or company's network; a client with one address easily has others of its block.
BLOCK_PREFIX = {4: 24, 6: 56}
# The size of one connection's network: sign-ins are counted per line, so that no one locks out a neighbour.
LINE_PREFIX = {4: 32, 6: 64}


class TooManyRequests(Refusal):
    """The rate limit of this account or address block is used up; `Retry-After` says until when."""

    status = 429
    code = "too-many-requests"


@dataclass(frozen=True)
class Quota:
    """At most `amount` requests within `seconds`, for one account or address block."""

    name: str
    amount: int
    seconds: int

    def policy(self) -> str:
        """The quota as a RateLimit-Policy header (draft-ietf-httpapi-ratelimit-headers-10)."""
        return f'"{self.name}";q={self.amount};w={self.seconds}'

    def standing(self, count: Count) -> str:
        """The remaining quota as a RateLimit header."""
        return f'"{self.name}";r={max(self.amount - count.hits, 0)};t={count.seconds}'


@dataclass(frozen=True)
class Subject:
    """The account or network that a quota is counted for, under a key that does not reveal it."""

    name: str  # the setting's, with hyphens
    key: str
    quotas: tuple[Quota, ...]


class Limiter:
    """Counts one request, for each policy that applies."""

    def __init__(self, request: Request, caller: UUID | None) -> None:
        self.request = request
        self._settings: Settings = request.app.state.settings
        self._ports: Ports = request.app.state.ports
        self._caller = caller
        self._address = address_of(request)
        self.exempt = is_exempt(self._settings.rate_exempt_networks, self._address)

    def account(self, setting: str) -> Iterator[Subject]:
        """Yield the caller, if known."""
        if self._caller is not None:
            yield self._subject(setting, str(self._caller))

    def block(self, setting: str) -> Iterator[Subject]:
        """Yield the address block that the request comes from."""
        yield self._subject(setting, network_of(self._address, BLOCK_PREFIX))

    def line(self, setting: str, email: str = "") -> Iterator[Subject]:
        """Yield one address, or an account, existing or not, as seen from that address."""
        yield self._subject(setting, f"{network_of(self._address, LINE_PREFIX)} {email}".strip())

    def browser(self, setting: str, email: str) -> Iterator[Subject]:
        """Yield an account as seen from the browsers that it has signed in with."""
        yield self._subject(setting, f"browser {email}")

    def mailbox(self, setting: str, email: str) -> Iterator[Subject]:
        """Yield an e-mail address; it is the same whichever client asks for mail to it."""
        yield self._subject(setting, f"mailbox {email}")

    def allows(self, *subjects: Iterator[Subject]) -> bool:
        """Count one more without telling the client; False where it is too many."""
        quotas = [(one, quota) for some in subjects for one in some for quota in one.quotas]
        hits = [self.exempt or self._ports.rates.hit(_key(one, quota), quota.seconds).hits <= quota.amount
                for one, quota in quotas]  # fmt: skip
        return all(hits)

    def count(self, *subjects: Iterator[Subject], told: bool = True) -> None:
        """Count one more; `told` in headers, if no cache stores the answer. Raises TooManyRequests."""
        self._pass(subjects, told=told, counts=True)

    def check(self, *subjects: Iterator[Subject]) -> None:
        """Check without counting. Raises TooManyRequests where one more would be too many."""
        self._pass(subjects, told=True, counts=False)

    def is_used_up(self, *subjects: Iterator[Subject]) -> bool:
        """Say whether one more would be too many, without telling the client."""
        quotas = [(one, quota) for some in subjects for one in some for quota in one.quotas]
        return not self.exempt and any(
            self._ports.rates.look(_key(one, quota)).hits >= quota.amount for one, quota in quotas
        )

    def _pass(self, subjects: tuple[Iterator[Subject], ...], *, told: bool, counts: bool) -> None:
        if self.exempt:
            return
        windows = {
            RateWindow(_key(one, quota), quota.seconds, quota.amount): quota
            for some in subjects for one in some for quota in one.quotas
        }  # fmt: skip
        rates, seen = self._ports.rates, list[tuple[Quota, Count]]()
        # A person with a used-up quota of their own uses no more of a network's.
        found = rates.hit_each(list(windows)) if counts else map(rates.look, (each.key for each in windows))
        for quota, count in zip(windows.values(), found, strict=False):
            seen.append((quota, count))
            if count.hits + (not counts) > quota.amount:
                self._tell(seen)
                add_headers(self.request, {"Retry-After": str(count.seconds)})
                record("web.limit.reached", policy=quota.name, account_id=self._caller)
                raise TooManyRequests(wait=spoken(count.seconds))
        if told and seen:
            self._tell(seen)

    def _tell(self, seen: list[tuple[Quota, Count]]) -> None:
        quota, count = min(seen, key=lambda one: (one[0].amount - one[1].hits) / one[0].amount)
        policies = ", ".join(quota.policy() for quota, _ in seen)
        add_headers(self.request, {"RateLimit-Policy": policies, "RateLimit": quota.standing(count)})

    def _subject(self, setting: str, who: str) -> Subject:
        name = setting.replace("_", "-")
        key = self._ports.tokens.sign(f"rate:{name}:{who}")[:32]
        return Subject(name, key, quotas_of(name, getattr(self._settings, f"rate_{setting}")))


def _key(subject: Subject, quota: Quota) -> str:
    return f"{subject.name}:{quota.seconds}:{subject.key}"


async def limiter(request: Request) -> Limiter:
    """Return the counter of this request by its address (async: not worth a thread)."""
    return Limiter(request, None)


LimiterDep = Annotated[Limiter, Depends(limiter)]


class BlockLimited:
    """A dependency that counts each request for an address block, before any work."""

    def __init__(self, block: str, *, told: bool) -> None:
        self._block, self._told = block, told

    def __call__(self, request: Request) -> None:
        """Count. Raises TooManyRequests."""
        counter = Limiter(request, None)
        counter.count(counter.block(self._block), told=self._told)


class AccountLimited:
    """A dependency that counts each request for an account, and for an address block where one is named."""

    def __init__(self, account: str, block: str | None) -> None:
        self._account, self._block = account, block

    def __call__(self, request: Request, caller: MaybeCaller) -> None:
        """Count. Raises TooManyRequests."""
        if caller is None:
            return  # the endpoint refuses the request
        counter = Limiter(request, caller)
        blocks = iter(()) if self._block is None else counter.block(self._block)
        counter.count(counter.account(self._account), blocks)


def limited(account: str | None = None, *, block: str | None = None, told: bool = True) -> Any:  # noqa: ANN401 - what Depends says
    """Limit an endpoint by settings: `limited("vote")` by ANB_RATE_VOTE."""
    if account is not None:
        return Depends(AccountLimited(account, block))
    return Depends(BlockLimited(block or "", told=told))


# Counts requests for shared lists: caches must not store the remaining quota of one client.
count_read = BlockLimited("read", told=False)
# Counts votes, for an endpoint that does all its work in one thread.
count_vote = AccountLimited("vote", "vote_block")


@cache
def quotas_of(name: str, setting: str) -> tuple[Quota, ...]:
    """Read a setting such as `10/minute;100/hour`."""
    items: list[RateLimitItem] = parse_many(setting) if setting else []
    return tuple(Quota(f"{name}-{one.get_expiry()}", one.amount, one.get_expiry()) for one in items)


def address_of(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address of the client, as nginx reports it."""
    return read_address(request.client.host if request.client else "")


def read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read the peer's address; an IPv4 address mapped into IPv6 becomes IPv4."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, prefix: dict[int, int]) -> str:
    """Name the network of an address; unknown addresses share one name."""
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network((address, prefix[address.version]), strict=False))


def is_exempt(networks: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    """Say whether an address is in a network that an operator exempts."""
    return address is not None and any(
        address.version == network.version and address in network for network in _networks(networks)
    )


@cache
def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, networks(text)))


def spoken(seconds: int) -> Sentence:
    """Write a time as people do."""
    if seconds <= 90:  # noqa: PLR2004 - from here on people count in minutes
        return Sentence("amount.seconds", {"seconds": seconds})
    minutes = -(-seconds // 60)
    if minutes <= 90:  # noqa: PLR2004
        return Sentence("amount.minutes", {"minutes": minutes})
    hours = -(-minutes // 60)
    return Sentence("amount.hours", {"hours": hours})
