"""nginx as other people's clients meet it: slashes, hosts, odd requests, compression, and refusals as pages."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser

import pytest

from anb.engines.nginx_pages import STYLE_SOURCE
from anb.settings import MIB
from support.stack_upstream import LIMIT, Front, front

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("edge")) as running:
        (running.media / "clip.mp4").write_bytes(bytes(4096))
        yield running


def said(site: Front, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request unchanged, and return status, headers and body of the answer."""
    with closing(socket.create_connection(("127.0.0.1", site.port), timeout=5)) as connection:
        connection.sendall(request)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


class TestSlash:
    @pytest.mark.parametrize(
        ("asked", "passed"),
        [
            ("/echo/", "/echo"),
            ("/echo///", "/echo"),
            ("/echo/?a=1&b=%2F", "/echo?a=1&b=%2F"),
            ("/echo/x%2Fy/", "/echo/x/y"),  # the application reads `%2F` as a slash, too
            ("/echo/x%3Fy/", "/echo/x%3Fy"),
            ("/echo/x%0D%0AX-Evil:%201/", "/echo/x%0D%0AX-Evil:%201"),
            ("/echo", "/echo"),
        ],
    )
    def test_one_at_the_end_is_dropped_and_all_else_kept(self, site: Front, asked: str, passed: str) -> None:
        said(site, f"GET {asked} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        assert site.upstream.asked[-1] == passed
        assert "x-evil" not in site.upstream.headers[-1]

    @pytest.mark.parametrize("path", ["/api/videos/upload/", "/upload/", "/api/uploads/", "/api/uploads/7/"])
    def test_a_clip_passes_with_the_limits_of_the_path_without(self, site: Front, path: str) -> None:
        assert site.client.post(path, content=b"x" * (2 * MIB)).text == str(2 * MIB)
        assert site.upstream.asked[-1] == path.rstrip("/")

    def test_a_clip_too_large_is_400_there_too(self, site: Front) -> None:
        answer = site.client.post("/api/videos/upload/", content=b"x" * (LIMIT + MIB + 1))
        assert (answer.status_code, answer.json()["code"]) == (400, "too-many-bytes")

    def test_the_application_reads_it_while_it_is_sent(self, site: Front) -> None:
        def body() -> Iterator[bytes]:
            yield b"x" * 1024
            assert site.upstream.go_on.wait(5), "nginx kept the body to itself"
            yield b"x" * 1024

        site.upstream.go_on.clear()
        assert (
            site.client.post("/api/videos/upload/", content=body(), headers={"Content-Length": "2048"}).text == "2048"
        )

    @pytest.mark.parametrize("path", ["/_media/clip.mp4/", "/_problem/500/", "/%5Fmedia/clip.mp4/"])
    def test_what_is_ours_alone_stays_so(self, site: Front, path: str) -> None:
        before = len(site.upstream.asked)
        assert site.client.get(path).status_code == 404 or len(site.upstream.asked) > before


class TestHost:
    def test_a_request_without_one_passes_without_one(self, site: Front) -> None:
        status, _, body = said(site, b"GET /echo HTTP/1.0\r\n\r\n")
        assert status == 200
        assert "host" not in {name.lower() for name in json.loads(body)}

    def test_that_of_a_whole_address_goes_before_that_of_the_header(self, site: Front) -> None:
        request = b"GET http://true.example:81/echo HTTP/1.1\r\nHost: false.example\r\nConnection: close\r\n\r\n"
        assert {name.lower(): value for name, value in json.loads(said(site, request)[2]).items()}[
            "host"
        ] == "true.example:81"
        assert site.upstream.asked[-1] == "/echo"

    @pytest.mark.parametrize("host", [b"a b", b"a/b", b"", b"a\x00b"])
    def test_one_that_cannot_be_reaches_nobody(self, site: Front, host: bytes) -> None:
        before = len(site.upstream.asked)
        status, headers, _ = said(site, b"GET /echo HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert (status, headers.get("content-type")) == (400, "application/problem+json") or host == b""
        assert len(site.upstream.asked) == before or host == b""


ODD = {
    "no-version": (b"GET /echo HTTP/9.1\r\nHost: a\r\n\r\n", 505, "http-version"),
    "trace": (b"TRACE /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501, "not-implemented"),
    "connect": (b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "not-implemented"),
    "transfer": (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "not-implemented"),
    "both-lengths": (
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400, "bad-request"),
    "two-lengths": (
        b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400, "bad-request"),
    "chunk": (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad-request"),
    "no-host": (b"GET /echo HTTP/1.1\r\n\r\n", 400, "bad-request"),
    "two-hosts": (b"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "bad-request"),
    "up-and-out": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
    "null": (b"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad-request"),
}  # fmt: skip

OLDER = {"connect": (400, "bad-request")}  # nginx 1.22 does not know it


class TestOddRequests:
    @pytest.mark.parametrize("name", ODD)
    def test_each_is_refused_by_a_problem_document(self, site: Front, name: str) -> None:
        request, expected, code = ODD[name]
        status, headers, body = said(site, request)
        assert (status, json.loads(body)["code"]) in {(expected, code), OLDER.get(name, (expected, code))}
        assert headers["content-type"] == "application/problem+json"
        assert str(site.folder).encode() not in body

    def test_a_client_that_asks_before_it_sends_is_told_to_go_on(self, site: Front) -> None:
        with closing(socket.create_connection(("127.0.0.1", site.port), timeout=5)) as connection:
            connection.sendall(
                b"POST /api/videos/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
            )
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
            connection.sendall(b"abc")
            assert connection.recv(4096).endswith(b"3")

    def test_a_file_that_changed_is_a_problem_document(self, site: Front) -> None:
        answer = site.client.get("/file/clip.mp4", headers={"If-Match": '"another"'})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed")
        assert answer.headers.get_list("cache-control") == ["no-store"]


class TestFiles:
    def test_what_caches_may_do_is_said_once_beside_a_file_and_a_refusal(self, site: Front) -> None:
        whole = site.client.get("/file/clip.mp4")
        assert whole.headers.get_list("cache-control") == ["public, max-age=300"]
        assert whole.headers["cross-origin-resource-policy"] == "cross-origin"
        beyond = site.client.get("/file/clip.mp4", headers={"Range": "bytes=99999-"})
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == "bytes */4096"
        for name in ("cache-control", "x-content-type-options", "content-type", "etag"):
            assert len(beyond.headers.get_list(name)) <= 1, name
        assert "Range" in beyond.headers["vary"], "a cache must not answer the whole file's request with it"
        gone = site.client.get("/file/none.mp4")
        assert (gone.status_code, gone.headers.get_list("cache-control")) == (404, ["no-store"])


class TestCompression:
    @pytest.mark.parametrize("path", ["/page", "/api/public/videos?long", "/api/openapi.json"])
    def test_text_is_compressed_for_who_takes_it(self, site: Front, path: str) -> None:
        answer = site.client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in answer.headers["vary"]
        assert "content-encoding" not in site.client.get(path, headers={"Accept-Encoding": "identity"}).headers

    @pytest.mark.parametrize("cookie", ["anb=x", "__Host-anb=x", "a=b; anb=x"])
    def test_a_page_for_somebody_is_not(self, site: Front, cookie: str) -> None:
        answer = site.client.get("/page", headers={"Accept-Encoding": "gzip", "Cookie": cookie})
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers

    def test_a_file_is_sent_as_it_is(self, site: Front) -> None:
        assert "content-encoding" not in site.client.get("/file/clip.mp4", headers={"Accept-Encoding": "gzip"}).headers


class Text(HTMLParser):
    """The words of a page, and its language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.language, self.words, self.links = "", "", [""]
        self.feed(page)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.language = given.get("lang") or self.language
        self.links += [given["href"] or ""] if "href" in given else []

    def handle_data(self, data: str) -> None:
        self.words += data


class TestPages:
    def test_a_browser_gets_a_page_in_its_language(self, site: Front) -> None:
        answer = site.client.get("/_media/x", headers=BROWSER | {"Accept-Language": "en"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        page = Text(answer.text)
        assert page.language == "en"
        assert "We cannot find what you are looking for." in page.words
        assert "/" in page.links
        assert STYLE_SOURCE in answer.headers["content-security-policy"]
        assert "Accept" in answer.headers["vary"]
        assert Text(site.client.get("/_media/x", headers=BROWSER).text).language == "es"

    def test_a_form_too_large_answers_a_page(self, site: Front) -> None:
        answer = site.client.post("/upload", content=b"x" * (LIMIT + MIB + 1), headers=BROWSER)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "Tu subida pesa 3145729 bytes; un archivo puede pesar hasta 2 MB." in Text(answer.text).words
        other = site.client.post("/login", content=b"x" * (64 * 1024 + 1), headers=BROWSER)
        assert (other.status_code, "Envías más datos de los permitidos." in Text(other.text).words) == (413, True)

    @pytest.mark.parametrize(
        ("path", "accept"),
        [("/api/videos/upload", BROWSER["Accept"]), ("/upload", "application/json"), ("/upload", "*/*"),
         ("/upload", "application/json, text/html;q=0.5")],
    )  # fmt: skip
    def test_a_program_gets_a_document(self, site: Front, path: str, accept: str) -> None:
        answer = site.client.post(path, content=b"x" * (LIMIT + MIB + 1), headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")

    def test_it_needs_no_application(self, site: Front) -> None:
        moved = site.upstream.socket.rename(site.upstream.socket.with_suffix(".away"))
        try:
            site.client.get("/bye")  # ends the connection that nginx kept
            answer = site.client.get("/echo", headers=BROWSER)
        finally:
            moved.rename(site.upstream.socket)
        assert (answer.status_code, answer.headers["retry-after"]) == (502, "5")
        assert "no responde en este momento" in Text(answer.text).words
