"""Many mutants in little time: one process with libav loaded, and a fork of it per mutant under a probe's limits."""

import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import av

from anb.adapters.media import probe_child, prober
from anb.errors import Refusal
from anb.media import ffmpeg_commands, rules
from anb.media.probe import read
from anb.media.recipe import Brand, plan_edit
from anb.ports import Unreadable
from anb.process import launcher
from anb.settings import Limits
from support.hostile.mutate import mutant

SECONDS = 10  # as the product's probes have
STARTS = (0.0, 0.4)  # of the edit, in seconds: every second mutant is sought in, too
LIMITS = {"cpu": SECONDS + 1, "data": prober.MEMORY_BYTES, "nofile": prober.OPEN_FILES, "fsize": 0}
# The contest's rules for clips as small and short as the seeds.
RULES = Limits(clip_min_seconds=0.3, clip_min_side=16)


class ProbeResult(NamedTuple):
    """The output of one probe, and what it cost."""

    said: bytes
    complained: bytes
    code: int
    seconds: float
    memory: int  # bytes


@dataclass
class MutantTally:
    """The results of many mutants."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)  # refused as they should be, but worth a look
    failures: list[str] = field(default_factory=list)  # our faults
    accepted: list[int] = field(default_factory=list)
    longest: float = 0.0
    largest: int = 0

    def add(self, other: "MutantTally") -> None:
        """Add another tally."""
        self.outcomes.update(other.outcomes)
        for name in ("findings", "failures", "accepted"):
            getattr(self, name).extend(getattr(other, name))
        self.longest, self.largest = max(self.longest, other.longest), max(self.largest, other.largest)

    def judge(self, number: int, path: Path) -> None:
        """Put one mutant through sniffing, probe, rules and recipe."""
        try:
            demuxer = prober.sniff(path)
            start = STARTS[number % len(STARTS)]
            answer = ask(path, demuxer, start)
            self._note(number, answer)
            facts = read(prober.understood(answer.said, answer.complained, answer.code, demuxer), start)
            rules.judge(facts, RULES)
            ffmpeg_commands.clip(plan_edit(facts, RULES, Brand.ours()), path, path.parent)
        except Unreadable as unreadable:
            self.outcomes[f"unreadable: {str(unreadable).partition(':')[0][:40]}"] += 1
        except Refusal as refusal:
            self.outcomes[f"refused: {refusal.code}"] += 1
        except Exception:  # noqa: BLE001 - whatever is neither is what we are looking for
            self.outcomes["failed"] += 1
            self.failures.append(f"mutant {number}: {traceback.format_exc(limit=-3)}")
        else:
            self.outcomes["accepted"] += 1
            self.accepted.append(number)

    def _note(self, number: int, answer: ProbeResult) -> None:
        self.longest, self.largest = max(self.longest, answer.seconds), max(self.largest, answer.memory)
        if answer.code < 0:
            name = signal.Signals(-answer.code).name
            self.findings.append(f"mutant {number}: {name} after {answer.seconds:.1f} s, {answer.memory >> 20} MB")
        if answer.seconds > SECONDS + 5:
            self.failures.append(f"mutant {number}: ran {answer.seconds:.1f} s")
        if answer.memory > prober.MEMORY_BYTES:
            self.failures.append(f"mutant {number}: took {answer.memory >> 20} MB")


def run(numbers: Iterable[int]) -> MutantTally:
    """Run mutants in this process and its forks."""
    tally = MutantTally()
    av.logging.set_level(None)
    with tempfile.TemporaryDirectory(prefix="anb-fuzz-") as folder:
        path = Path(folder, "clip.mp4")
        for number in numbers:
            path.write_bytes(mutant(number)[1])
            tally.judge(number, path)
    return tally


def ask(path: Path, demuxer: str, start: float) -> ProbeResult:
    """Probe in a fork of this process."""
    (said, say), (complained, complain) = os.pipe(), os.pipe()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _become_the_child(path, (demuxer, str(start)), say, complain)
    os.close(say)
    os.close(complain)
    words = _listen(pid, [said, complained], begun + SECONDS)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - begun
    return ProbeResult(words[0], words[1], os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss * 1024)


def _listen(pid: int, pipes: list[int], deadline: float) -> list[bytes]:
    """Collect the output until the pipes end; kill a child that writes after the deadline."""
    words = dict.fromkeys(pipes, b"")
    waiting = list(pipes)
    while waiting:
        ready, _, _ = select.select(waiting, [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            deadline += SECONDS
        for pipe in ready:
            piece = os.read(pipe, 1 << 16)
            words[pipe] += piece
            if not piece:
                waiting.remove(pipe)
                os.close(pipe)
    return list(words.values())


def _become_the_child(path: Path, words: tuple[str, str], say: int, complain: int) -> None:
    """Do what the probing child does, under its limits; never return."""
    code = 1
    try:
        os.dup2(os.open(path, os.O_RDONLY), probe_child.STDIN)
        os.dup2(say, 1)
        os.dup2(complain, 2)
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - ends with the process
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name, value in LIMITS.items():
            resource.setrlimit(launcher.LIMITS[name], (value, value))
        probe_child.main(*words)
        sys.stdout.flush()
        code = 0
    except BaseException:  # noqa: BLE001 - as Python ends a program
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)
