"""Runs the verifier on a folder, then hashes each leaf twice; prints processor seconds and the verifier's memory.

python -m verify.bench.contest.outside FOLDER
"""  # fmt: skip

import hashlib
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from anb.votelog import verifier

KIB = 1024


def main(folder: Path) -> None:
    """Measure both in one process."""
    with tempfile.TemporaryDirectory(prefix="anb-bench-mirror-") as mirror:
        Path(mirror, "tile").symlink_to(folder / "tile")  # as if it had been downloaded
        begun = time.process_time()
        if verifier.main(["--log", str(folder), "--folder", mirror, "--no-ranking"]):
            raise SystemExit("the log could not be verified")
        seconds = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / 1e6
    plain = sum(_hashed(verifier.split(path.read_bytes())) for path in sorted(folder.glob("tile/entries/**/*"))
                if path.is_file())  # fmt: skip
    sys.stdout.write(json.dumps({"seconds": seconds, "memory": memory, "plain": plain}) + "\n")


def _hashed(leaves: list[bytes]) -> float:
    begun = time.process_time()
    for leaf in leaves:
        hashlib.sha256(leaf).digest()
        hashlib.sha256(leaf).digest()
    return time.process_time() - begun


if __name__ == "__main__":
    main(Path(sys.argv[1]))
