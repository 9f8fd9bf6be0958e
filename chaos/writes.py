"""The order in which the platform really writes to the share: what a power cut could lose although it was promised.

strace watches web server and worker while clips come in and edits go out. From its record follows what would survive a
cut: bytes once their file was fsynced after the last write, a name once its folder was fsynced after it was made.
"""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

CALLS = "write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat"
# `123 write(7</share/incoming/a.part>, ...) = 512`; only what succeeded counts.
_LINE = re.compile(r"^(?P<who>\d+)\s+(?P<call>\w+)\((?P<rest>.*)\)\s+= (?P<result>\d+)")
_RESUMED = re.compile(r"^(?P<who>\d+)\s+<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
_UNFINISHED = re.compile(r"^(?P<who>\d+)\s+(?P<begun>.*) <unfinished \.\.\.>$")
_HANDLE = re.compile(r"^\d+<(?P<path>[^>]*)>")
_QUOTED = re.compile(r'"(?P<path>[^"]*)"')


@dataclass
class Order:
    """What a record of calls says about the files below one folder."""

    root: str
    renames: int = 0
    findings: list[str] = field(default_factory=list)
    _loose_bytes: set[str] = field(default_factory=set)  # files written since their last fsync
    _loose_names: dict[str, str] = field(default_factory=dict)  # a folder to what was named in it since its last fsync
    _namers: dict[str, str] = field(default_factory=dict)  # a folder to the thread that did, until it goes on

    def take(self, lines: Iterable[str]) -> "Order":
        """Go through a record and note what was promised too early."""
        for who, call, rest in _calls(lines):
            loose = set(self._loose_names)
            if call in {"write", "pwrite64", "writev"}:
                self._loose_bytes.update(self._handle(rest))
            elif call in {"fsync", "fdatasync"}:
                for path in self._handle(rest):
                    self._loose_bytes.discard(path)
                    self._loose_names.pop(path, None)
            elif call.startswith("rename"):
                self._rename(rest)
            else:
                self._name(rest)
            self._follow(who, loose)
        # Of a thread that did nothing more the record may just have ended too early.
        cut = self._namers.keys()
        left = [name for folder, name in self._loose_names.items() if folder not in cut]
        self.findings += [f"{name} was named and its folder never fsynced" for name in left]
        return self

    def _follow(self, who: str, loose: set[str]) -> None:
        """Note which thread named something, and that it goes on without having made the name safe."""
        self._namers = {folder: namer for folder, namer in self._namers.items() if namer != who}
        self._namers |= dict.fromkeys(self._loose_names.keys() - loose, who)

    def _rename(self, rest: str) -> None:
        old, new = (PurePosixPath(path) for path in _QUOTED.findall(rest)[:2])
        if not new.is_relative_to(self.root):
            return
        self.renames += 1
        if str(old) in self._loose_bytes:
            self.findings.append(f"{new} was named before its bytes were fsynced")
        self._loose_names[str(new.parent)] = str(new)

    def _name(self, rest: str) -> None:
        made = PurePosixPath(_QUOTED.findall(rest)[0])
        if made.is_relative_to(self.root) and str(made) != self.root:
            self._loose_names[str(made.parent)] = str(made)

    def _handle(self, rest: str) -> set[str]:
        found = _HANDLE.match(rest)
        path = found["path"] if found else ""
        return {path} if path.startswith(self.root) else set()


def why_not() -> str | None:
    """Say why nobody can watch here."""
    return None if shutil.which("strace") else "no strace on this machine"


def judge(written: Path, share: Path) -> Order:
    """Say what a record shows of a share."""
    return Order(str(share)).take(written.read_text(encoding="utf-8", errors="replace").splitlines())


@contextmanager
def watched(pids: Sequence[int], record: Path) -> Iterator[None]:
    """Record the calls of these processes and their children while the block runs."""
    process = subprocess.Popen([*_strace(record), *(word for pid in pids for word in ("-p", str(pid)))])
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def _strace(record: Path) -> list[str]:
    return ["strace", "-f", "-qq", "-y", "-s", "512", "-e", f"trace={CALLS}", "-o", str(record)]


def _calls(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield thread, name and rest of each call that succeeded, when it ended; strace parts those others interrupt."""
    begun: dict[str, str] = {}
    for line in lines:
        if parted := _UNFINISHED.match(line):
            begun[parted["who"]] = parted["begun"]
            continue
        if resumed := _RESUMED.match(line):
            who = resumed["who"]
            line = f"{who} {begun.pop(who, resumed['call'] + '(')}{resumed['rest']}"  # noqa: PLW2901
        if whole := _LINE.match(line):
            yield whole["who"], whole["call"], whole["rest"]
