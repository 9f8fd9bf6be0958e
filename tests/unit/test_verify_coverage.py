from pathlib import Path

import pytest
from coverage import CoverageData

import coverage_gate
from coverage_gate import ROOT, Floor

LINE = str(ROOT / "src" / "anb" / "jobs" / "queue_position.py")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CoverageData:
    monkeypatch.setattr(coverage_gate, "FLOORS", (Floor("queue_position", 95, ("jobs/queue_position.py",)),))
    return CoverageData(str(tmp_path / "data"))


def lines_of(path: str) -> int:
    return len(Path(path).read_text(encoding="utf-8").splitlines())


class TestFloors:
    def test_a_branch_that_no_test_took_breaks_its_floor_and_is_named(
        self, data: CoverageData, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # Each line after the one before it: no `if` was ever false.
        data.add_arcs({LINE: [(number, number + 1) for number in range(-1, lines_of(LINE))]})
        data.write()
        assert coverage_gate.main(Path(data.data_filename())) == 1
        said = capsys.readouterr().out
        assert "src/anb/jobs/queue_position.py: lines all ran; branches" in said
        assert "Coverage is too low in: queue_position." in said

    def test_a_floor_holds_once_all_of_its_branches_ran(self, data: CoverageData) -> None:
        every = range(-lines_of(LINE), lines_of(LINE) + 1)
        data.add_arcs({LINE: [(begin, end) for begin in every for end in every]})
        data.write()
        assert coverage_gate.main(Path(data.data_filename())) == 0

    @pytest.mark.parametrize("floor", coverage_gate.FLOORS, ids=lambda floor: floor.name)
    def test_every_pattern_of_a_floor_names_files(self, floor: Floor) -> None:
        for pattern in (*floor.include, *floor.omit):
            assert list((ROOT / "src" / "anb").glob(pattern)), pattern
