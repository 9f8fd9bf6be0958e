"""Access to the host itself: files are written only if they differ, commands are run, lines are printed."""

import grp
import hashlib
import os
import pwd
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

APPLIED = Path("var/lib/anb/applied")


class CannotConverge(Exception):
    """This host cannot be set up as its facts say; the text says why."""


@dataclass
class Machine:
    """One host. Tests replace `root` and `start`."""

    root: Path = Path("/")
    start: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    pause: Callable[[float], None] = time.sleep
    changed: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Print a line for the journal."""
        print(f"anb-host: {line}", flush=True)

    def at(self, path: str | Path) -> Path:
        """Return the real path of a host's path."""
        return self.root / str(path).lstrip("/")

    def run(
        self,
        *command: str,
        check: bool = True,
        given: str | None = None,
        seconds: float = 900,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command. `given` is its input, which no process list shows. Raises CannotConverge with its output."""
        known = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"} | dict(environment or {})
        try:
            done = self.start(
                list(command), input=given, capture_output=True, text=True, timeout=seconds, check=False, env=known
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotConverge(f"{command[0]} cannot be run: {error}") from error
        if check and done.returncode != 0:
            output = (done.stderr or done.stdout).strip()[-2000:]
            raise CannotConverge(f"{' '.join(command)} ended with {done.returncode}: {output}")
        return done

    def succeeds(self, *command: str) -> bool:
        """Return whether a command succeeds."""
        return self.run(*command, check=False).returncode == 0

    def put(self, path: str, content: str, mode: int = 0o644, owner: str = "root", group: str = "root") -> bool:
        """Write a file if it differs, atomically and never more readable than `mode`. Return whether it was written."""
        target = self.at(path)
        same = target.is_file() and target.read_text(encoding="utf-8") == content
        if not same:
            target.parent.mkdir(parents=True, exist_ok=True)
            new = target.with_name(f".{target.name}.anb-new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(content)
            self._own(new, mode, owner, group)
            new.replace(target)
            self.changed.append(path)
            self.say(f"wrote {path}")
        else:
            self._own(target, mode, owner, group)
        return not same

    def folder(self, path: str, mode: int = 0o755, owner: str = "root", group: str = "root") -> None:
        """Create a folder, or correct its owner and mode."""
        target = self.at(path)
        target.mkdir(parents=True, exist_ok=True)
        self._own(target, mode, owner, group)

    def link(self, path: str, target: str) -> None:
        """Create a symbolic link, or replace an existing one atomically."""
        place = self.at(path)
        new = place.with_name(f".{place.name}.anb-new")
        new.unlink(missing_ok=True)
        new.symlink_to(target)
        new.replace(place)

    def remove(self, path: str) -> None:
        """Remove a file, if it exists."""
        target = self.at(path)
        if target.is_symlink() or target.exists():
            target.unlink()
            self.changed.append(path)
            self.say(f"removed {path}")

    def wait(self, what: str, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until a condition holds. Raises CannotConverge after `seconds`."""
        begun = time.monotonic()
        announced = False
        while not holds():
            if not announced:
                self.say(f"waiting for {what}, at most {seconds:g} s")
                announced = True
            if time.monotonic() - begun > seconds:
                raise CannotConverge(f"waited {seconds:g} s without success for {what}")
            self.pause(1)

    def fingerprint(self, paths: Sequence[str], *more: str) -> str:
        """Return one hash of the files' content and of further values."""
        digest = hashlib.sha256()
        for path in paths:
            target = self.at(path)
            digest.update(path.encode() + b"\0" + (target.read_bytes() if target.is_file() else b"") + b"\0")
        for word in more:
            digest.update(word.encode() + b"\0")
        return digest.hexdigest()

    def applied(self, name: str) -> str:
        """Return the fingerprint that was last applied under a name."""
        path = self.at(APPLIED) / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def apply(self, name: str, fingerprint: str) -> None:
        """Record that something is applied. Call it afterwards, so that an interrupted run is repeated."""
        path = self.at(APPLIED) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fingerprint, encoding="utf-8")

    def _own(self, path: Path, mode: int, owner: str, group: str) -> None:
        path.chmod(mode)
        if os.geteuid() == 0 and self.root == Path("/"):
            os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
