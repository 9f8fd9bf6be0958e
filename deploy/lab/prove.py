"""The proofs, in the order in which they are run."""

from types import ModuleType

from deploy.lab.proofs import (
    eleven_steps,
    file_server_reboots,
    matrix,
    memory,
    outages,
    papers,
    releases,
    restoring,
    second_worker,
    whole_time,
    zombie_worker,
)

# What needs two workers comes after the second has joined; what destroys everything comes last but for the sums.
ORDER: tuple[ModuleType, ...] = (
    eleven_steps, matrix, outages, file_server_reboots, second_worker, zombie_worker, papers, releases, memory,
    restoring, whole_time,
)  # fmt: skip
