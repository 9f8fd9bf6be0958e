"""What nginx caches for a moment: lists and counts that are the same for every client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.stack_upstream import Front, front
from support.waiting import let_time_pass, until


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("shared")) as running:
        yield running


class TestSharedLists:
    def test_one_answer_serves_everybody_for_a_second(self, site: Front) -> None:
        path = "/api/public/videos?page=shared"
        first, second = site.client.get(path), site.client.get(path, headers={"Authorization": "Bearer x"})
        assert first.text == second.text
        assert site.client.get(path + "&city=Cali").text != first.text

    def test_while_one_renews_it_the_others_get_the_last_one(self, site: Front) -> None:
        path = "/api/public/videos?slow"
        site.upstream.go_on.set()
        first = site.client.get(path).text
        let_time_pass(2.1, "nginx's cache counts whole seconds, and its clock cannot be set")
        site.upstream.go_on.clear()
        before = len(site.upstream.asked)
        with ThreadPoolExecutor(1) as other:
            renewed = other.submit(site.client.get, path)
            until(lambda: len(site.upstream.asked) > before)
            assert site.client.get(path).text == first
            site.upstream.go_on.set()
            assert renewed.result().text != first
        assert len(site.upstream.asked) == before + 1

    def test_another_host_gets_an_answer_of_its_own(self, site: Front) -> None:
        path = "/api/public/rankings"
        assert site.client.get(path).text != site.client.get(path, headers={"Host": "other.test"}).text

    def test_the_counts_of_a_version_are_asked_once_for_all_who_read_a_language(self, site: Front) -> None:
        def get(version: str, **headers: str) -> str:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return site.client.get(f"/fragments/ranking?version={version}", headers=named).text

        first = get("a", accept_language="es")
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: get("a", accept_language="es"), range(32))) == {first}
        assert get("a", accept_language="en") != first
        assert get("b", accept_language="es") != first
        signed_in = [get("a", accept_language="es", cookie="anb=x") for _ in range(2)]
        assert len({first, *signed_in}) == 3

    def test_nothing_else_is_kept(self, site: Front) -> None:
        path = "/api/public/videos/1"
        assert site.client.get(path).text != site.client.get(path).text
