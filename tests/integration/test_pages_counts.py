"""The fragments of pages that count votes, for open pages: the same for all visitors, and fetched conditionally."""

import re
from html.parser import HTMLParser
from uuid import UUID

from anb.accounts.domain import Actor
from anb.contest import service as contest
from support.browser_client import browser_client, published
from support.counting import seal
from support.worlds import World

UNCLOSED = {"img", "source"}  # tags without an end
NOBODY = UUID("0198c0de-0000-7000-8000-000000000007")


def vote(world: World, clip: UUID, name: str = "Ana Paz") -> None:
    voter = world.player(name)
    with world.uow() as uow:
        contest.cast_vote(uow, world.ports, Actor(voter.id), clip)


def counts(page: str) -> str:
    """Return the address at which a page's counts are available."""
    found = re.search(r'data-counts="([^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


class FragmentParser(HTMLParser):
    """The fragments of a page by name: their tags and words, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[object]] = {}
        self._name, self._depth = "", 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("data-part")
        if name:
            self._name, self._depth = name, 0
        if self._name:
            self._depth += tag not in UNCLOSED
            self.found.setdefault(self._name, []).append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        if self._name:
            self.found[self._name].append(tag)
            self._depth -= 1
            self._name = self._name if self._depth else ""

    def handle_data(self, data: str) -> None:
        if self._name and data.strip():
            self.found[self._name].append(data.strip())


def part(page: str, name: str) -> list[object]:
    return FragmentParser(page).found[name]


class TestFragments:
    def test_each_page_names_where_its_own_counts_are_and_they_are_the_pages(self, world: World) -> None:
        clip = published(world, world.player())
        vote(world, clip)
        with browser_client(world, world.player("Luz Mira")) as reader, browser_client(world) as nobody:
            for path, name in (
                ("/", f"votes-{clip}"), ("/", "total"), ("/ranking", "standings"), ("/ranking", "total"),
                (f"/videos/{clip}", "count"),
            ):  # fmt: skip
                page = reader.get(path).text
                again = nobody.get(counts(page)).text
                assert part(again, name) == part(page, name), (path, name)
                assert "Contado a las" in str(part(again, "counted"))

    def test_a_page_further_on_and_of_a_city_gets_its_own_rows(self, world: World) -> None:
        for number in range(26):
            published(world, world.player(f"Ana {chr(65 + number)}", city="Tunja"))
        published(world, world.player("Eva Otra", city="Cali"))
        with browser_client(world) as reader:
            first = reader.get("/ranking?city=tunja").text
            onward = re.search(r'rel="next" href="([^"]+)"', first)
            assert onward
            second = reader.get(onward[1].replace("&amp;", "&")).text
            again = reader.get(counts(second)).text
        assert len(re.findall('<th scope="row">', again)) == 2
        assert part(again, "standings") == part(second, "standings")

    def test_clips_that_newer_ones_pushed_down_keep_their_counts(self, world: World) -> None:
        players = [world.player(f"Ana {chr(65 + number)}") for number in range(5)]
        old = [published(world, player) for player in players[:3]]
        with browser_client(world) as reader:
            address = counts(reader.get("/").text)
            new = [published(world, player) for player in players[3:]]
            again = reader.get(address).text
        assert all(f'data-part="votes-{clip}"' in again for clip in old + new)

    def test_an_open_page_without_clips_gets_the_first_ones_and_then_their_counts(self, world: World) -> None:
        paths = ("/", "/?city=tunja", "/ranking", "/ranking?city=tunja")
        with browser_client(world) as reader:
            empty = {path: reader.get(path).text for path in paths}
            published(world, world.player("Ana Paz", city="Tunja"))
            full = {path: reader.get(path).text for path in paths}
            for path in paths:
                again = reader.get(counts(empty[path])).text
                name = "standings" if "ranking" in path else "clips"
                assert part(again, "total") == part(full[path], "total")
                assert part(again, name)[1:] == part(full[path], name)[1:] != part(empty[path], name)[1:]
                assert ('class="counted" hidden' in empty[path], 'class="counted" hidden' in full[path]) == (
                    True,
                    False,
                )
                onward = re.search(r'data-next="([^"]+)"', again)
                assert (onward[1] if onward else counts(empty[path])) == counts(full[path])

    def test_an_open_page_that_still_has_none_gets_none(self, world: World) -> None:
        with browser_client(world) as reader:
            for path, name in (("/", "clips"), ("/ranking", "standings")):
                page = reader.get(path).text
                again = reader.get(counts(page)).text
                assert part(again, name) == part(page, name)
                assert "data-next" not in again

    def test_who_has_them_gets_304_until_a_vote_changes_them(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world) as reader:
            first = reader.get(f"/fragments/videos/{clip}")
            assert first.headers["cache-control"] == "public, max-age=5"
            assert first.headers["vary"] == "Accept-Language, Cookie"
            known = {"If-None-Match": first.headers["etag"]}
            now = re.sub(r"data-part=\"counted\">[^<]*", "", first.text)
            again = reader.get(f"/fragments/videos/{clip}?version=x", headers=known)
            # The minute of the count is a part of them.
            assert again.status_code == 304 or re.sub(r"data-part=\"counted\">[^<]*", "", again.text) == now
            vote(world, clip)
            assert 'data-votes="1"' in reader.get(f"/fragments/videos/{clip}", headers=known).text

    def test_a_clip_that_is_not_public_has_none(self, world: World) -> None:
        upload = world.player().upload()
        with browser_client(world) as reader:
            assert reader.get(f"/fragments/videos/{upload.video_id}").status_code == 404
            assert reader.get(f"/fragments/videos/{NOBODY}").status_code == 404


class TestVersion:
    def test_a_page_says_which_version_it_shows(self, world: World) -> None:
        clip = published(world, world.player())
        with browser_client(world) as reader:
            for path in ("/", "/ranking", f"/videos/{clip}"):
                seal(world)
                with world.uow() as uow:
                    version = contest.version(uow)
                assert f'data-version="{version}"' in reader.get(path).text
                vote(world, clip, f"Ana {path}".replace("/", "").strip() + " Paz")
                assert f'data-version="{version}"' not in reader.get(path).text
