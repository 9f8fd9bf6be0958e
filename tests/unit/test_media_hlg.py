"""The table of HLG shows the filmed light as the standards define it; the tests' own formulas judge it."""

from pathlib import Path

import numpy as np
import pytest

from anb.media import hlg
from support.corpus.colours import ColourTags, delta_e, hue_apart, lab, signal
from support.markers import PATCHES


@pytest.mark.parametrize("name", PATCHES)
def test_what_is_not_bright_is_as_it_was_filmed_and_what_is_keeps_its_hue(name: str) -> None:
    filmed = np.array(PATCHES[name])
    red, green, blue = signal(filmed, ColourTags("bt2020nc", "arib-std-b67", "bt2020"))
    shown = lab(np.array(hlg.seen((red, green, blue))))
    if filmed.max() ** 2.4 <= hlg.KNEE:
        assert delta_e(shown, lab(filmed)) < 0.3
    else:
        assert delta_e(shown, lab(filmed)) < 6
        assert hue_apart(shown, lab(filmed)) < 0.1


def test_greys_stay_grey_and_grow_lighter_all_the_way() -> None:
    shown = [hlg.seen((step / 50,) * 3) for step in range(51)]
    assert all(max(colour) - min(colour) < 1e-3 for colour in shown)
    lights = [colour[1] for colour in shown]
    assert lights == sorted(set(lights))
    assert (lights[0], lights[-1]) == pytest.approx((0, 1), abs=1e-3)


def test_light_is_rolled_off_smoothly_from_the_knee_to_the_peak() -> None:
    assert hlg.roll_off(hlg.KNEE, 5) == hlg.KNEE
    assert hlg.roll_off(hlg.KNEE + 1e-6, 5) == pytest.approx(hlg.KNEE + 1e-6, abs=1e-9)
    assert hlg.roll_off(5, 5) == pytest.approx(1)


def test_the_package_holds_the_table_that_the_code_writes(tmp_path: Path) -> None:
    hlg.write(tmp_path / "hlg.cube")
    assert (tmp_path / "hlg.cube").read_bytes() == hlg.TABLE.read_bytes()
    head, *rows = hlg.TABLE.read_text(encoding="ascii").splitlines()
    assert (head, len(rows)) == (f"LUT_3D_SIZE {hlg.STEPS}", hlg.STEPS**3)
    assert rows[1] == " ".join(f"{part:.5f}" for part in hlg.seen((1 / (hlg.STEPS - 1), 0, 0)))  # red runs fastest
