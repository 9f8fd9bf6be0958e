"""What is written in one place, and the pattern of a second one; a file that may repeat it gives its reason."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS = ("src", "deploy", "verify", "tests")
THESE = {"tests/support/one_place.py", "tests/unit/test_gates_places.py"}  # they hold the patterns


@dataclass(frozen=True)
class OnePlace:
    """A thing, the file that has it, a pattern of its code, and the files that may repeat it, with their reasons."""

    thing: str
    home: str
    pattern: re.Pattern[str]
    excused: Mapping[str, str] = field(default_factory=dict)


PLACES = (
    OnePlace(
        "the bytes of a MiB",
        "src/anb/settings/video.py",
        re.compile(r"1024 \* 1024|<< 20\b"),
        {
            "src/anb/adapters/media/probe_container.py": "the child that opens a stranger's file loads no settings",
            "verify/lab/guest/agent.py": "it runs alone in a guest",
            "tests/integration/test_sandbox_limits.py": "its scripts run where nothing of ours can be imported",
        },
    ),
    OnePlace("the space on a disk", "src/anb/disk_space.py", re.compile(r"disk_usage|statvfs")),
    OnePlace("a free port", "verify/kit/ports.py", re.compile(r"def \w*free_port")),
    OnePlace(
        "the head of an MP4's box",
        "verify/kit/boxes.py",
        re.compile(r">I4s"),
        {
            "src/anb/adapters/media/prober.py": "the product shares no code with what tests it",
            "src/anb/adapters/media/probe_container.py": "as above, and it reads whatever strangers write",
        },
    ),
    OnePlace("a field of a form", "verify/kit/upload_forms.py", re.compile(r"form-data; (name|boundary)=")),
)


def repeated(root: Path) -> Iterator[str]:
    """Yield each line that has what is written elsewhere, and excuses that nothing needs any more."""
    used: set[tuple[str, str]] = set()
    for path in (path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))):
        name = str(path.relative_to(root))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for place in PLACES:
                if name not in THESE and name != place.home and place.pattern.search(line):
                    used.add((place.thing, name))
                    if name not in place.excused:
                        yield f"{name}:{number}: {place.thing} is in {place.home}"
    excuses = {(place.thing, name) for place in PLACES for name in place.excused}
    yield from (f"{name} does not repeat {thing} any more" for thing, name in sorted(excuses - used))
