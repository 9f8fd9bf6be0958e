"""The scenarios. Each draws a crowd: what it is about, and an ordinary contest around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verify.fraud.crowd import DAY, HOUR, FraudCrowd

AROUND = 1500  # people of the ordinary contest


@dataclass(frozen=True)
class FraudScenario:
    """A scenario: how long it lasts, how often the rules look, and what happens."""

    title: str
    seconds: float
    step: float  # of one batch of votes, and between two searches for clusters
    draw: Callable[[FraudCrowd], None]
    clips: int = 40
    judged: bool = True  # False: a farm that the rules are known not to see; no goal applies to its votes


def one_script(crowd: FraudCrowd) -> None:
    """One account votes for every clip, as fast as the rate limit lets it."""
    script = crowd.account("farm", 0, email="script@gmail.com", device="", block="farm", confirmed=True)
    for clip in range(1000):
        crowd.vote(60 + clip * 1.1, script, clip, by_page=False, views=0)


def farm_of_an_hour(crowd: FraudCrowd) -> None:
    """A script signs 500 accounts up in an hour, from one network, with variants of 50 addresses."""
    for number in range(500):
        at = number * HOUR / 500
        email = f"f{number % 50}+{number}@gmail.com"
        account = crowd.account("farm", at, email=email, device="", block="farm", confirmed=False)
        crowd.vote(at + 5, account, 3, by_page=False, views=0)


def slow_farm(crowd: FraudCrowd) -> None:
    """A script signs 500 accounts up in ten days and confirms their addresses, of a domain of its own.

    They vote two days later, and the network changes each day.
    """
    for number in range(500):
        at = number * 10 * DAY / 500
        email, day = f"m{number}@correo-de-nadie.example", int(at // DAY)
        account = crowd.account("farm", at, email=email, device="", block=f"farm {day}", confirmed=True)
        crowd.vote(at + 2 * DAY, account, 3, by_page=False, views=0)


def bought_votes(crowd: FraudCrowd) -> None:
    """A service sells 400 votes in two days, each account with a network, a mailbox and cookies of its own."""
    for number in range(400):
        at = crowd.random.uniform(0, 2 * DAY)
        domain = crowd.random.choice(("gmail.com", "hotmail.com", "mailinator.com"))
        email, confirmed = f"v{number}@{domain}", crowd.random.random() < 0.5
        account = crowd.account("farm", at, email=email, block=f"rented {number}", confirmed=confirmed)
        crowd.vote(at + 30, account, 3, by_page=False, views=0)


def viral_clip(crowd: FraudCrowd) -> None:
    """A clip is shared: in two hours, 3,000 people who were never here before vote for it."""
    crowd.people(3000, HOUR, 3 * HOUR, clip=7)


def school(crowd: FraudCrowd) -> None:
    """A school's 400 pupils vote for one of theirs in a morning, behind one address.

    Two of three have a phone; the others share the school's computers, five pupils to one.
    """
    for number in range(400):
        at = crowd.random.uniform(0, 4 * HOUR)
        device = f"phone {number}" if number % 3 else f"computer {number // 15}"
        account = crowd.account("people", at - 120, device=device, block="school", confirmed=number % 2 == 0)
        crowd.vote(at, account, 5, views=3)


def careful_farm(crowd: FraudCrowd) -> None:
    """Real browsers: 300 accounts with cookies of their own, many networks, and the clip's page opened each time."""
    for number in range(300):
        at = number * DAY / 300
        account = crowd.account("farm", at, block=f"rented {number % 60}")
        crowd.vote(at + 60, account, 3, views=3)


SCENARIOS: Mapping[str, FraudScenario] = {
    "one-script": FraudScenario("one script and one account", HOUR, 300, one_script, clips=1000),
    "farm": FraudScenario("500 accounts in an hour", 2 * HOUR, 300, farm_of_an_hour),
    "slow-farm": FraudScenario("500 accounts in ten days", 12 * DAY, 2 * HOUR, slow_farm),
    "bought": FraudScenario("400 votes through 400 networks", 2 * DAY, HOUR, bought_votes),
    "viral": FraudScenario("a clip goes viral", 4 * HOUR, 300, viral_clip),
    "school": FraudScenario("a school behind one address", 4 * HOUR, 300, school),
    "careful": FraudScenario("300 real browsers on 60 networks", DAY, HOUR, careful_farm, judged=False),
}


def drawn(name: str, seed: int, around: int = AROUND) -> FraudCrowd:
    """Draw a scenario, with this many people of an ordinary contest around it."""
    scenario = SCENARIOS[name]
    crowd = FraudCrowd(seed, scenario.clips)
    scenario.draw(crowd)
    crowd.people(around, 0, scenario.seconds)
    return crowd
