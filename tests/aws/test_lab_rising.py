"""What starts and stops the lab; it deploys the template, so it needs the template's tools."""

from pathlib import Path

import pytest
from verify.lab import bring_up, network
from verify.lab.workspace import CannotStand, LabWorkspace


class TestOneAtATime:
    def test_the_networks_of_another_lab_are_left_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        removed: list[str] = []
        monkeypatch.setattr(bring_up, "ENDING_SECONDS", 0)
        monkeypatch.setattr(network, "inhabitants", lambda: ["4711", "4712"])
        monkeypatch.setattr(network, "remove", lambda: removed.append("networks"))
        with pytest.raises(CannotStand, match="another lab is running on this machine"):
            bring_up.lower(LabWorkspace(tmp_path))
        assert removed == []
        monkeypatch.setattr(network, "inhabitants", list)
        bring_up.lower(LabWorkspace(tmp_path))
        assert removed == ["networks"]

    def test_what_is_ending_still_is_no_other_lab(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        removed, seen = [], iter([["4711"], ["4711"], []])
        monkeypatch.setattr(network, "inhabitants", lambda: next(seen))
        monkeypatch.setattr(network, "remove", lambda: removed.append("networks"))
        bring_up.lower(LabWorkspace(tmp_path))
        assert removed == ["networks"]
