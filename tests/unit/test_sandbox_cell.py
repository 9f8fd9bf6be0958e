"""What a cell declares, and what it makes of a command."""

from pathlib import Path

import pytest

from anb import media
from anb.adapters.sandbox.spec import Cell
from anb.adapters.sandbox.walls import Bubblewrap, NoWalls

CLIP, BRAND, WORK = Path("/share/originals/ab/clip.mp4"), Path("/app/brand.png"), Path("/work/edit-1")
CELL = Cell(frozenset(), (CLIP, BRAND), WORK)
WALLS = Bubblewrap(Path("/usr/bin/bwrap"), "1", own_id=False)


def inside(*command: str) -> list[str]:
    return CELL.readdressed(command, lambda path: WALLS.inside(CELL, path))


def test_inside_nothing_tells_of_the_share() -> None:
    command = inside("-i", f"file:{CLIP}", "-i", f"file:{BRAND}", "-f", "mp4", f"file:{WORK}/edit.mp4")
    assert command == ["-i", "file:/in/0", "-i", "file:/in/1", "-f", "mp4", "file:/out/edit.mp4"]


def test_what_is_part_of_the_package_keeps_its_path_for_a_graph_names_it() -> None:
    ours = Path(media.__file__).with_name("hlg.cube")
    assert WALLS.inside(Cell(frozenset(), (CLIP, ours), WORK), ours) == ours


def test_without_namespaces_the_paths_stay() -> None:
    assert CELL.readdressed([f"file:{CLIP}"], lambda path: NoWalls().inside(CELL, path)) == [f"file:{CLIP}"]


def test_what_is_no_address_stays_as_it_is() -> None:
    graph = "[0:0]scale=1280:720[v]"
    assert inside("-filter_complex", graph, "/share/originals/ab/clip.mp4") == ["-filter_complex", graph, str(CLIP)]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/share/originals/ab/other.mp4",
        "/work/edit-2/edit.mp4",
        "/work/edit-1/../x",
        "/work/edit-1/a/b",
        "/work/edit-1/..",
        "",
    ],
)
def test_a_path_that_nobody_declared_is_refused_before_anything_starts(path: str) -> None:
    with pytest.raises(ValueError, match="was not declared"):
        inside("-i", f"file:{path}")


def test_a_cell_without_a_folder_writes_nowhere() -> None:
    with pytest.raises(ValueError, match="was not declared"):
        Cell(frozenset(), (CLIP,)).readdressed([f"file:{WORK}/edit.mp4"], lambda path: path)
