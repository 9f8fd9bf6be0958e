"""`make check` is red for a second copy of what has one place."""

from pathlib import Path

import pytest

from support import one_place


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for place in one_place.PLACES:
        for name in place.excused:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write({"the bytes of a MiB": "A = 1 << 20\n"}.get(place.thing, 'B = ">I4s"\n'))
    return tmp_path


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("MOST = 5 * 1024 * 1024", "the bytes of a MiB is in src/anb/settings/video.py"),
        ("MOST = 1 << 20", "the bytes of a MiB is in src/anb/settings/video.py"),
        ("free = shutil.disk_usage('.').free", "the space on a disk is in src/anb/disk_space.py"),
        ("free = os.statvfs('.').f_bavail", "the space on a disk is in src/anb/disk_space.py"),
        ("def _free_port():", "a free port is in verify/kit/ports.py"),
        ('struct.unpack(">I4s", data)', "the head of an MP4's box is in verify/kit/boxes.py"),
        ("b'form-data; name=title'", "a field of a form is in verify/kit/upload_forms.py"),
    ],
)
def test_a_second_place_is_named_with_the_first(root: Path, code: str, found: str) -> None:
    path = root / "tests" / "unit" / "test_a.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"\n{code}\n", encoding="utf-8")
    assert list(one_place.repeated(root)) == [f"tests/unit/test_a.py:2: {found}"]


def test_the_place_itself_and_the_excused_pass(root: Path) -> None:
    home = root / "src" / "anb" / "disk_space.py"
    home.write_text("shutil.disk_usage('.')", encoding="utf-8")
    assert list(one_place.repeated(root)) == []


def test_an_excuse_that_nothing_needs_is_named(root: Path) -> None:
    (root / "verify" / "lab" / "guest" / "agent.py").write_text("", encoding="utf-8")
    assert list(one_place.repeated(root)) == ["verify/lab/guest/agent.py does not repeat the bytes of a MiB any more"]
