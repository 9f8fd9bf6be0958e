"""The cost of a generated clip includes the programs that ran in the sandbox."""

import pytest
from verify.clips import spent

from anb.adapters.sandbox.requirements import PYTHON, of_python, python
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell

BUSY = "import time\nwhile time.process_time() < 0.5: pass"


def test_what_a_cell_spends_is_counted() -> None:
    cell = Cell(runs=of_python(), reads=())
    with spent.counted() as seconds:
        with Sandbox().running([python(), *PYTHON, "-c", BUSY], cell, memory=1 << 30) as process:
            process.wait(timeout=120)
        assert seconds() == pytest.approx(0.6, abs=0.3)
