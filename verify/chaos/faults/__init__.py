"""The faults, by kind. A run goes through all of them in random order."""

from verify.chaos.faults import clients, clock, engines, mail, messages, processes, seasons, share
from verify.chaos.faults.fault import Fault

EVERY: tuple[Fault, ...] = (
    *processes.FAULTS,
    *engines.FAULTS,
    *messages.FAULTS,
    *mail.FAULTS,
    *share.FAULTS,
    *clock.FAULTS,
    *clients.FAULTS,
    *seasons.FAULTS,
)
ONCE: tuple[Fault, ...] = engines.LONG  # once in a long run
