"""Chooses faults and their order, how long each lasts, and decides when the platform has recovered."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from verify.chaos.fault_context import NOTHING_THERE, FaultContext
from verify.chaos.faults.fault import Fault

RECOVERY_SECONDS = 90.0  # after that it counts as broken
CALM_SECONDS = 1.0  # from the end of one fault to the next
TOGETHER = 0.15  # chance that the next fault begins before the recovery from this one
TICK = 0.1


@dataclass
class Struck:
    """An injected fault."""

    names: tuple[str, ...]
    begun: float
    ended: float = 0  # when everything had recovered


@dataclass
class Score:
    """The events of a run."""

    struck: list[Struck] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # faults that found nothing to break
    skipped: dict[str, str] = field(default_factory=dict)  # faults that this machine does not support, and why
    again: list[float] = field(default_factory=list)  # worker killed → its job running again
    restarted: list[float] = field(default_factory=list)  # whole stack killed → the same
    moved: list[float] = field(default_factory=list)  # queue back → a job starts
    broken: list[str] = field(default_factory=list)  # parts that did not recover

    @property
    def faults(self) -> int:
        """Return the number of injected faults."""
        return sum(len(one.names) for one in self.struck)

    @property
    def together(self) -> int:
        """Return the number of faults that began during another one."""
        return sum(len(one.names) - 1 for one in self.struck)


def order(faults: Sequence[Fault], chance: random.Random) -> Iterator[list[Fault]]:
    """Yield the next faults, endlessly: every kind in each round, some of them in pairs."""
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


def possible(faults: Sequence[Fault], context: FaultContext, score: Score) -> list[Fault]:
    """Return the faults that this machine supports. The others go into the score with the reason."""
    score.skipped |= {fault.name: why for fault in faults if (why := fault.lacks(context))}
    return [fault for fault in faults if fault.name not in score.skipped]


def strike(chosen: Sequence[Fault], context: FaultContext, score: Score) -> None:
    """Inject faults, end them, and wait until everything has recovered."""
    begun = time.time()
    struck: list[str] = []
    try:
        with ExitStack() as standing:
            for fault in chosen:
                _begin(fault, context, score, standing, struck)
            time.sleep(max((fault.stands for fault in chosen if fault.name in struck), default=0))
    except NOTHING_THERE as error:  # the other fault may have killed the target
        score.missed.append(f"lifting {' + '.join(struck)}: {error}")
    what = " + ".join(struck) or chosen[0].name
    recovered = _recovered(context, score, what)
    if struck:
        score.struck.append(Struck(tuple(struck), begun, recovered))
    time.sleep(CALM_SECONDS)


def _begin(fault: Fault, context: FaultContext, score: Score, standing: ExitStack, struck: list[str]) -> None:
    try:
        standing.enter_context(fault.strike(context))
    except NOTHING_THERE as error:
        score.missed.append(f"{fault.name}: {error}")
    else:
        struck.append(fault.name)


def _recovered(context: FaultContext, score: Score, what: str) -> float:
    """Wait until every part is up, jobs of killed workers run again, and the queue moves. Return that moment."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    up = context.site.wait_up(context.workers, RECOVERY_SECONDS)
    ended = time.time()
    if not up:
        score.broken.append(f"{what}: a part is not back after {RECOVERY_SECONDS:g} s")
    while context.held or context.queue_back is not None:
        try:
            for held, took in context.again():
                (score.restarted if held.all_gone else score.again).append(took)
            score.moved += context.moved()
        except NOTHING_THERE as error:
            score.missed.append(f"looking after {what}: {error}")
        if time.monotonic() > deadline:
            score.broken += [f"{what}: job {held.job} does not run again" for held in context.held]
            score.broken += [f"{what}: the queue does not move"] * (context.queue_back is not None)
            context.held, context.queue_back = [], None
        time.sleep(TICK)
    return ended
