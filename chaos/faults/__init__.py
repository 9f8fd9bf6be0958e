"""The faults, by kind; a run goes through all of them in an order that chance decides."""

from chaos.faults import clients, clock, engines, messages, processes, share
from chaos.faults.fault import Fault

EVERY: tuple[Fault, ...] = (
    *processes.FAULTS,
    *engines.FAULTS,
    *messages.FAULTS,
    *share.FAULTS,
    *clock.FAULTS,
    *clients.FAULTS,
)
ONCE: tuple[Fault, ...] = engines.LONG  # what a long run has once
