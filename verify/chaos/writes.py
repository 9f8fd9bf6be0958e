"""The real order of the platform's writes to the share: finds promised data that a power cut could lose.

strace watches web server, upload process and worker during uploads and edits. Its record shows what would survive a
power cut: bytes once their file was fsynced after the last write, a name once its folder was fsynced after the name was
made.
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
# `123 write(7</share/incoming/a.part>, ...) = 512`; only successful calls count.
_LINE = re.compile(r"^(?P<who>\d+)\s+(?P<call>\w+)\((?P<rest>.*)\)\s+= (?P<result>\d+)")
_RESUMED = re.compile(r"^(?P<who>\d+)\s+<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
_UNFINISHED = re.compile(r"^(?P<who>\d+)\s+(?P<begun>.*) <unfinished \.\.\.>$")
_HANDLE = re.compile(r"^\d+<(?P<path>[^>]*)>")
_QUOTED = re.compile(r'"(?P<path>[^"]*)"')


@dataclass
class WriteOrder:
    """The order of writes to the files below one folder, according to a record of calls."""

    root: str
    renames: int = 0
    findings: list[str] = field(default_factory=list)
    _loose_bytes: set[str] = field(default_factory=set)  # files written since their last fsync
    _loose_names: dict[str, str] = field(default_factory=dict)  # folder -> names made in it since its last fsync
    _namers: dict[str, str] = field(default_factory=dict)  # folder -> the thread that made them, until its next action

    def take(self, lines: Iterable[str]) -> "WriteOrder":
        """Read a record and note promises made too early."""
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
        # If a thread did nothing afterwards, the record may just have ended too early.
        cut = self._namers.keys()
        unsafe = [name for folder, name in self._loose_names.items() if folder not in cut]
        self.findings += [f"{name} was named and its folder never fsynced" for name in unsafe]
        return self

    def _follow(self, who: str, loose: set[str]) -> None:
        """Note that the thread that made a name continues without having made it safe."""
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
        named = PurePosixPath(_QUOTED.findall(rest)[0])
        if named.is_relative_to(self.root) and str(named) != self.root:
            self._loose_names[str(named.parent)] = str(named)

    def _handle(self, rest: str) -> set[str]:
        found = _HANDLE.match(rest)
        path = found["path"] if found else ""
        return {path} if path.startswith(self.root) else set()


def why_not() -> str | None:
    """Return why writes cannot be watched here."""
    return None if shutil.which("strace") else "no strace on this machine"


def judge(written: Path, share: Path) -> WriteOrder:
    """Judge the writes to a share by a record."""
    return WriteOrder(str(share)).take(written.read_text(encoding="utf-8", errors="replace").splitlines())


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
    """Yield thread, name and rest of each successful call at its end. strace splits calls that others interrupt."""
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
