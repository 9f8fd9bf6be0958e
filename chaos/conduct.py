"""The conductor: which faults, in which order, how long each stands, and when it counts as mended."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from chaos.faults.fault import Fault
from chaos.ground import NOTHING_THERE, Ground

MEND_SECONDS = 90.0  # after that it counts as broken for good
CALM_SECONDS = 1.0  # from one mended fault to the next
TOGETHER = 0.15  # chance that a fault is not waited for: the next one strikes while it stands
TICK = 0.1


@dataclass
class Struck:
    """A fault that was injected."""

    names: tuple[str, ...]
    begun: float
    ended: float = 0  # when all was mended


@dataclass
class Score:
    """What happened in a run, as the conductor saw it."""

    struck: list[Struck] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # strikes that found nothing to break
    skipped: dict[str, str] = field(default_factory=dict)  # faults this machine cannot have, and why
    again: list[float] = field(default_factory=list)  # worker killed → its job running again
    restarted: list[float] = field(default_factory=list)  # whole stack killed → the same
    moved: list[float] = field(default_factory=list)  # queue back → a job begins
    broken: list[str] = field(default_factory=list)  # what was not mended

    @property
    def faults(self) -> int:
        """Return how many were injected."""
        return sum(len(one.names) for one in self.struck)

    @property
    def together(self) -> int:
        """Return how many struck while another one stood."""
        return sum(len(one.names) - 1 for one in self.struck)


def order(faults: Sequence[Fault], chance: random.Random) -> Iterator[list[Fault]]:
    """Yield without end what strikes next: every kind in each round, some of them two at a time."""
    bag: list[Fault] = []
    while True:
        first = _draw(faults, bag, chance)
        if first.alone or chance.random() >= TOGETHER:
            yield [first]
            continue
        second = _draw(faults, bag, chance)
        yield from [[first], [second]] if second.alone else [[first, second]]


def _draw(faults: Sequence[Fault], bag: list[Fault], chance: random.Random) -> Fault:
    if not bag:
        bag += chance.sample(faults, len(faults))
    return bag.pop()


def possible(faults: Sequence[Fault], ground: Ground, score: Score) -> list[Fault]:
    """Return the faults that this machine can have; the others go into the score with the reason."""
    score.skipped |= {fault.name: why for fault in faults if (why := fault.lacks(ground))}
    return [fault for fault in faults if fault.name not in score.skipped]


def strike(chosen: Sequence[Fault], ground: Ground, score: Score) -> None:
    """Inject faults, lift them, and wait until everything is mended."""
    begun = time.time()
    struck: list[str] = []
    try:
        with ExitStack() as standing:
            for fault in chosen:
                _begin(fault, ground, score, standing, struck)
            time.sleep(max((fault.stands for fault in chosen if fault.name in struck), default=0))
    except NOTHING_THERE as error:  # what is to be lifted may have been killed by the other
        score.missed.append(f"lifting {' + '.join(struck)}: {error}")
    what = " + ".join(struck) or chosen[0].name
    mended = _mended(ground, score, what)
    if struck:
        score.struck.append(Struck(tuple(struck), begun, mended))
    time.sleep(CALM_SECONDS)


def _begin(fault: Fault, ground: Ground, score: Score, standing: ExitStack, struck: list[str]) -> None:
    try:
        standing.enter_context(fault.strike(ground))
    except NOTHING_THERE as error:
        score.missed.append(f"{fault.name}: {error}")
    else:
        struck.append(fault.name)


def _mended(ground: Ground, score: Score, what: str) -> float:
    """Wait until every part is up, killed workers' jobs run again, and the queue moves; return when that was so."""
    deadline = time.monotonic() + MEND_SECONDS
    up = ground.site.wait_up(ground.workers, MEND_SECONDS)
    ended = time.time()
    if not up:
        score.broken.append(f"{what}: a part is not back after {MEND_SECONDS:g} s")
    while ground.held or ground.queue_back is not None:
        try:
            for held, took in ground.again():
                (score.restarted if held.all_gone else score.again).append(took)
            score.moved += ground.moved()
        except NOTHING_THERE as error:
            score.missed.append(f"looking after {what}: {error}")
        if time.monotonic() > deadline:
            score.broken += [f"{what}: job {held.job} does not run again" for held in ground.held]
            score.broken += [f"{what}: the queue does not move"] * (ground.queue_back is not None)
            ground.held, ground.queue_back = [], None
        time.sleep(TICK)
    return ended
