"""Brotli and zstd in Debian's patched nginx, where their modules are installed; the wheel's nginx has neither."""

from collections.abc import Iterator

import pytest

from anb.engines import nginx, nginx_program
from support.stack_upstream import Front, front

# nginx's name for a coding -> how a client asks for it.
CODED = {"brotli": "br", "zstd": "zstd"}


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    found = nginx.compression_modules(nginx_program.choose().modules)
    if not found:
        pytest.skip("this machine's nginx has no module of compression: libnginx-mod-http-brotli-filter of Debian")
    return {CODED[name]: name for path in found for name in CODED if f"_{name}_" in path.name}


@pytest.fixture(scope="module")
def site(modules: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:  # noqa: ARG001 - a machine without them runs none
    chosen = nginx_program.choose()
    loaded = nginx.compression_modules(chosen.modules)
    with front(tmp_path_factory.mktemp("compression"), modules=loaded, version=chosen.numbers) as running:
        yield running


@pytest.mark.parametrize("path", ["/page", "/api/openapi.json"])
def test_html_and_json_are_sent_so_to_who_takes_it(site: Front, modules: dict[str, str], path: str) -> None:
    plain = site.client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for coding in modules:
        with site.client.stream("GET", path, headers={"Accept-Encoding": f"gzip, {coding}"}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert 0 < len(raw) < len(plain.content) / 4


def test_who_takes_gzip_alone_gets_gzip(site: Front) -> None:
    assert site.client.get("/page", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_a_page_asked_for_with_a_session_is_sent_as_it_is(site: Front, modules: dict[str, str]) -> None:
    headers = {"Accept-Encoding": ", ".join(modules), "Cookie": "anb=x"}
    assert "content-encoding" not in site.client.get("/page", headers=headers).headers
