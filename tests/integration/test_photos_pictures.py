"""What becomes of photos as strangers send them, in the sandbox: judged by the pixels and bytes of the pictures."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anb.adapters.media import photo_maker
from anb.adapters.media.photo_maker import LibavPhotos
from anb.errors import Outage
from anb.ports import CutShort, MadePhoto, PhotoMoves, PhotoSize, TooHeavy, Undecodable, UnknownKind, Unreadable
from anb.settings import MIB
from support.clips import ffmpeg
from support.photographs import CORNERS, GPS_TEXT, chunk, cmyk, drawn, png, with_exif
from support.pixels import COLOURS, picture

LEAST, MOST = 128, 50_000_000
# The colours of the corners when a picture that is turned so is upright, by the definition of EXIF: which side of the
# picture as people see it the first row is, and which the first column.
UPRIGHT = {
    1: "red lime blue yellow",
    2: "lime red yellow blue",
    3: "yellow blue lime red",
    4: "blue yellow red lime",
    5: "red blue lime yellow",
    6: "blue red yellow lime",
    7: "yellow lime blue red",
    8: "lime yellow red blue",
}


@pytest.fixture
def maker(tmp_path: Path) -> LibavPhotos:
    return LibavPhotos(tmp_path / "slots", 2, 20)


def made(maker: LibavPhotos, folder: Path, photo: bytes) -> MadePhoto:
    sent = folder / "sent"
    sent.write_bytes(photo)
    return maker.make(sent, LEAST, MOST)


def colours(folder: Path, photo: bytes) -> list[str]:
    """Name the colours of a picture's corners; each must be one of those that were drawn."""
    path = folder / "made.jpg"
    path.write_bytes(photo)
    seen = picture(path, 0)
    assert seen.shape[0] == seen.shape[1]
    near, far = seen.shape[0] // 8, seen.shape[0] * 7 // 8
    return [_name(seen[row, column]) for row, column in ((near, near), (near, far), (far, near), (far, far))]


def _name(pixel: object) -> str:
    distances = {name: sum(abs(int(a) - b) for a, b in zip(pixel, COLOURS[name], strict=True)) for name in CORNERS}  # type: ignore[call-overload]
    name = min(distances, key=lambda one: distances[one])
    assert distances[name] < 40, (pixel, distances)
    return name


class TestPictures:
    @pytest.mark.parametrize("turn", UPRIGHT)
    def test_a_turned_photo_stands_upright(self, maker: LibavPhotos, tmp_path: Path, turn: int) -> None:
        photo = with_exif(drawn(tmp_path / "x.jpg"), turn)
        pictures = made(maker, tmp_path, photo)
        for one in (pictures.large, pictures.small):
            assert colours(tmp_path, one) == UPRIGHT[turn].split()

    @pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.webp"])
    def test_nothing_of_the_file_but_the_picture_remains(self, maker: LibavPhotos, tmp_path: Path, name: str) -> None:
        photo = with_exif(drawn(tmp_path / name), 6)
        if name == "x.png":
            photo = photo[:33] + chunk(b"tEXt", b"Comment\0" + GPS_TEXT) + photo[33:]
        assert GPS_TEXT in photo
        pictures = made(maker, tmp_path, photo)
        assert colours(tmp_path, pictures.large) == UPRIGHT[6].split()
        for one, side in ((pictures.large, 512), (pictures.small, 128)):
            assert GPS_TEXT not in one
            assert not re.search(rb"Exif|Lavc|JFXX|Photoshop|ICC_PROFILE|http|<\?x", one)
            assert photo_maker.is_plain(one, side)

    @pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (200, 128), (128, 128), (4000, 130)])
    def test_the_middle_is_kept_and_every_size_becomes_the_same_two(
        self, maker: LibavPhotos, tmp_path: Path, width: int, height: int
    ) -> None:
        pictures = made(maker, tmp_path, drawn(tmp_path / "x.jpg", width, height))
        assert colours(tmp_path, pictures.large) == UPRIGHT[1].split()
        assert photo_maker.is_plain(pictures.large, 512)
        assert photo_maker.is_plain(pictures.small, 128)

    def test_what_is_transparent_stands_over_white(self, maker: LibavPhotos, tmp_path: Path) -> None:
        glass = "format=rgba,colorchannelmixer=aa={}"
        for amount, seen in ((0, (255, 255, 255)), (0.5, (255, 128, 128))):
            options = ["-f", "lavfi", "-i", f"color=red:s=300x300,{glass.format(amount)}", "-frames:v", "1"]
            ffmpeg(*options, str(tmp_path / "x.png"))
            pictures = made(maker, tmp_path, (tmp_path / "x.png").read_bytes())
            (tmp_path / "made.jpg").write_bytes(pictures.large)
            assert picture(tmp_path / "made.jpg", 0)[256, 256] == pytest.approx(seen, abs=6)

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("x.png", ["-pix_fmt", "rgb48be"]),
            ("x.png", ["-pix_fmt", "rgba64be"]),
            ("x.png", ["-pix_fmt", "pal8"]),
            ("x.jpg", ["-pix_fmt", "yuvj444p"]),
            ("x.jpg", ["-pix_fmt", "yuvj420p", "-q:v", "2"]),
            ("x.webp", ["-lossless", "1"]),
            ("x.webp", ["-pix_fmt", "yuva420p"]),
        ],
    )
    def test_what_programs_of_all_kinds_write(
        self, maker: LibavPhotos, tmp_path: Path, name: str, options: list[str]
    ) -> None:
        pictures = made(maker, tmp_path, drawn(tmp_path / name, 640, 480, *options))
        assert colours(tmp_path, pictures.large) == UPRIGHT[1].split()

    def test_a_photo_for_a_print_shop(self, maker: LibavPhotos, tmp_path: Path) -> None:
        assert colours(tmp_path, made(maker, tmp_path, cmyk()).large) == ["red"] * 4

    def test_what_stands_behind_the_picture_is_not_looked_at(self, maker: LibavPhotos, tmp_path: Path) -> None:
        photo = drawn(tmp_path / "x.jpg") + b"<html><script>alert(1)</script>" + GPS_TEXT
        pictures = made(maker, tmp_path, photo)
        assert b"<script>" not in pictures.large + pictures.small
        assert colours(tmp_path, pictures.large) == UPRIGHT[1].split()


class TestRefusals:
    @pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.webp"])
    def test_a_photo_whose_end_is_missing(self, maker: LibavPhotos, tmp_path: Path, name: str) -> None:
        whole = drawn(tmp_path / name)
        for part in (0.2, 0.5, 0.99):
            with pytest.raises(CutShort):
                made(maker, tmp_path, whole[: int(len(whole) * part)])

    def test_a_small_file_that_claims_a_huge_picture_is_not_decoded(self, maker: LibavPhotos, tmp_path: Path) -> None:
        with pytest.raises(PhotoSize) as found:
            made(maker, tmp_path, png(60_000, 60_000, bytes(60_001)))
        assert (found.value.width, found.value.height) == (60_000, 60_000)

    @pytest.mark.parametrize(("width", "height"), [(1, 1), (10_000, 1), (127, 4000)])
    def test_a_picture_that_is_too_small(self, maker: LibavPhotos, tmp_path: Path, width: int, height: int) -> None:
        with pytest.raises(PhotoSize):
            made(maker, tmp_path, png(width, height, bytes((width + 1) * height)))

    def test_pictures_that_move(self, maker: LibavPhotos, tmp_path: Path) -> None:
        options = ["-f", "lavfi", "-i", "testsrc=s=200x200:r=5:d=1"]
        ffmpeg(*options, "-c:v", "libwebp_anim", str(tmp_path / "x.webp"))
        with pytest.raises(PhotoMoves):
            made(maker, tmp_path, (tmp_path / "x.webp").read_bytes())
        ffmpeg(*options, str(tmp_path / "x.gif"))
        with pytest.raises(UnknownKind):
            made(maker, tmp_path, (tmp_path / "x.gif").read_bytes())

    @pytest.mark.parametrize(
        "photo",
        [
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\xff\xff\xff\x7fWEBP",
            b"<html>",
            b"\0\0\0\x18ftypheic" + bytes(200),
            b"<svg xmlns='http://www.w3.org/2000/svg'><image href='/etc/passwd'/></svg>",
            b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
            b"\xff\xd8\xff\xd9" * 40,
        ],
    )
    def test_what_is_no_photo(self, maker: LibavPhotos, tmp_path: Path, photo: bytes) -> None:
        with pytest.raises(Unreadable):
            made(maker, tmp_path, photo)

    def test_a_picture_without_its_rows_is_damaged(self, maker: LibavPhotos, tmp_path: Path) -> None:
        with pytest.raises(Undecodable):
            made(maker, tmp_path, png(400, 400))


class TestLimits:
    def test_one_that_takes_too_long_is_the_photos_fault(self, tmp_path: Path) -> None:
        with pytest.raises(TooHeavy):
            made(LibavPhotos(tmp_path / "slots", 1, 0.01), tmp_path, drawn(tmp_path / "x.jpg"))

    def test_one_without_memory_is_the_photos_fault(
        self, maker: LibavPhotos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(photo_maker, "MEMORY_BYTES", 40 * MIB)
        with pytest.raises(Unreadable):
            made(maker, tmp_path, png(7000, 7000, bytes(7001 * 7000)))

    def test_the_largest_that_is_allowed_fits_into_the_memory(self, maker: LibavPhotos, tmp_path: Path) -> None:
        photo = png(7071, 7071, bytes(7072 * 7071))
        assert len(photo) < MIB
        assert photo_maker.is_plain(made(maker, tmp_path, photo).small, 128)

    def test_a_missing_file_is_ours(self, maker: LibavPhotos, tmp_path: Path) -> None:
        with pytest.raises(Outage, match="No such file"):
            maker.make(tmp_path / "nowhere", LEAST, MOST)

    def test_photos_wait_for_the_slots_of_probes(self, tmp_path: Path) -> None:
        maker, photo = LibavPhotos(tmp_path / "slots", 1, 20), drawn(tmp_path / "x.jpg")
        (tmp_path / "sent").write_bytes(photo)
        with ThreadPoolExecutor(4) as pool:
            for one in pool.map(lambda _: maker.make(tmp_path / "sent", LEAST, MOST), range(4)):
                assert photo_maker.is_plain(one.small, 128)
        assert sorted(path.name for path in (tmp_path / "slots").iterdir()) == ["0.lock"]
