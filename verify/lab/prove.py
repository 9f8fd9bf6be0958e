"""The proofs, in the order in which they run."""

from types import ModuleType

from verify.lab.proofs import (
    documented_commands,
    eleven_steps,
    file_server_reboots,
    impostor,
    mails,
    matrix,
    memory,
    outages,
    releases,
    restoring,
    season_closes,
    second_worker,
    whole_time,
    zombie_worker,
)

# Proofs that need two workers come after the second has joined; the one that destroys everything comes near the end.
ORDER: tuple[ModuleType, ...] = (
    eleven_steps, mails, matrix, outages, impostor, file_server_reboots, second_worker, zombie_worker,
    documented_commands, releases, memory, season_closes, restoring, whole_time,
)  # fmt: skip
