"""The voters of a simulation, when they vote and from where: people, and farms. Everything follows from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

HOUR, DAY = 3600.0, 24 * 3600.0
CLIPS = 40  # of a contest without anything particular
MOBILE_BLOCKS = 20  # thousands of phones share the addresses of a mobile network
PUBLIC_MAIL = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com")

Origin = Literal["people", "farm"]


@dataclass(frozen=True)
class SimulatedAccount:
    """An account, and the device and network that it is used from."""

    number: int
    origin: Origin
    joined: float  # seconds since the beginning; negative: before it
    email: str
    confirmed: bool
    device: str  # empty: keeps no cookies
    block: str


@dataclass(frozen=True)
class SimulatedVote:
    """A vote, and how often the clip's page was opened for it."""

    at: float
    account: SimulatedAccount
    clip: int
    by_page: bool
    views: int


@dataclass
class FraudCrowd:
    """What happens in a simulated contest."""

    seed: int
    clips: int = CLIPS
    accounts: list[SimulatedAccount] = field(default_factory=list)
    votes: list[SimulatedVote] = field(default_factory=list)
    visits: list[tuple[float, int]] = field(default_factory=list)  # of people who do not vote: when, and which clip

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def account(self, origin: Origin, joined: float, **known: object) -> SimulatedAccount:
        """Add an account; what is not given is that of a person at home."""
        number, dice = len(self.accounts), self.random
        email = f"p{number}@{dice.choice(PUBLIC_MAIL)}" if dice.random() > 0.01 else f"p{number}@mailinator.com"
        usual = {"email": email, "confirmed": dice.random() < 0.6, "device": f"d{number}", "block": self.block()}
        made = SimulatedAccount(number, origin, joined, **{**usual, **known})  # type: ignore[arg-type]
        self.accounts.append(made)
        return made

    def block(self) -> str:
        """Draw the network of a person: a mobile one, or one of their own."""
        if self.random.random() < 0.4:
            return f"mobile {self.random.randrange(MOBILE_BLOCKS)}"
        return f"home {self.random.getrandbits(40)}"

    def vote(self, at: float, account: SimulatedAccount, clip: int, *, by_page: bool = True, views: int = 2) -> None:
        """Cast a vote. Our pages show the clip before a vote and after it, and once more before a sign-in."""
        self.votes.append(SimulatedVote(at, account, clip, by_page, views))

    def popular(self) -> int:
        """Draw a clip as people do: few get much of the attention."""
        return min(int(self.random.paretovariate(0.7)) - 1, self.clips - 1)

    def households(self, count: int) -> Iterator[tuple[str, str] | None]:
        """Yield the shared device and network of each of these people; None for most, who share none."""
        left, shared = 0, None
        for _ in range(count):
            if left == 0:
                left, shared = 1, None
                if self.random.random() < 0.05:
                    number = self.random.getrandbits(40)
                    left, shared = self.random.randint(2, 5), (f"family {number}", f"home {number}")
            left -= 1
            yield shared

    def people(self, count: int, start: float, end: float, clip: int | None = None) -> None:
        """Let people come at random times; each watches a few clips and votes for some, or for this one."""
        for shared in self.households(count):
            at = self.random.uniform(start, end)
            joined = at - 60 if self.random.random() < 0.8 else at - self.random.uniform(DAY, 60 * DAY)
            known = {} if shared is None else {"device": shared[0], "block": shared[1]}
            account = self.account("people", joined, **known)
            by_page = self.random.random() > 0.003
            wanted = {clip} if clip is not None else {self.popular() for _ in range(self.random.randint(1, 5))}
            for number, each in enumerate(sorted(wanted)):
                self.vote(at + number * self.random.uniform(25, 90), account, each, by_page=by_page,
                          views=3 if number == 0 else 2)  # fmt: skip
            self.visits += [(at, self.popular() if clip is None else clip) for _ in range(self.random.randint(1, 4))]
