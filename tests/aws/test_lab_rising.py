"""What raises and lowers the lab; it deploys the template, so it needs what the template is made with."""

from pathlib import Path

import pytest
from deploy.lab import fabric, rising
from deploy.lab.ground import CannotStand, Ground


class TestOneAtATime:
    def test_the_networks_of_another_lab_are_left_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        removed: list[str] = []
        monkeypatch.setattr(rising, "ENDING_SECONDS", 0)
        monkeypatch.setattr(fabric, "inhabitants", lambda: ["4711", "4712"])
        monkeypatch.setattr(fabric, "remove", lambda: removed.append("networks"))
        with pytest.raises(CannotStand, match="another lab stands on this machine"):
            rising.lower(Ground(tmp_path))
        assert removed == []
        monkeypatch.setattr(fabric, "inhabitants", list)
        rising.lower(Ground(tmp_path))
        assert removed == ["networks"]

    def test_what_is_ending_still_is_no_other_lab(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        removed, seen = [], iter([["4711"], ["4711"], []])
        monkeypatch.setattr(fabric, "inhabitants", lambda: next(seen))
        monkeypatch.setattr(fabric, "remove", lambda: removed.append("networks"))
        rising.lower(Ground(tmp_path))
        assert removed == ["networks"]
