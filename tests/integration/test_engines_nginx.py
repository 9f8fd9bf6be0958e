"""nginx in front of an application: what it forwards, what it refuses, and how."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2 as httpx
import pytest

from anb.settings import MIB
from support.stack_upstream import LIMIT, Front, front

UPLOAD = "/api/videos/upload"
CLIP = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("with a space")) as running:
        originals = running.media / "originals" / "ab"
        originals.mkdir(parents=True)
        (originals / "clip.mp4").write_bytes(CLIP)
        (originals / ".hidden").write_bytes(b"secret")
        (running.media / "incoming").mkdir()
        (running.media / "incoming" / "half.part").write_bytes(b"half")
        secret = running.folder / "outside.txt"
        secret.write_text("secret", encoding="utf-8")
        (originals / "link.mp4").symlink_to(secret)
        yield running


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """Check that an answer is a complete problem document."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "nginx/" not in answer.headers.get("server", "")
    document: dict[str, object] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:anb:problem:{code}"
    assert document["title"]
    assert document["detail"]
    return document


class TestUpload:
    def test_a_body_over_the_limit_is_400_on_the_upload(self, site: Front) -> None:
        document = problem(site.client.post(UPLOAD, content=b"x" * (LIMIT + MIB + 1)), 400, "too-many-bytes")
        assert document["detail"] == "Tu subida pesa 3145729 bytes; un archivo puede pesar hasta 2 MB."

    def test_a_body_that_does_not_say_how_long_it_is_is_cut_at_the_limit(self, site: Front) -> None:
        chunks = (b"x" * MIB for _ in range(5))
        document = problem(site.client.post(UPLOAD, content=chunks), 400, "too-many-bytes")
        assert document["detail"] == "Tu subida pesa más de 2 MB; un archivo puede pesar hasta 2 MB."

    def test_a_body_over_the_limit_is_413_elsewhere(self, site: Front) -> None:
        problem(site.client.post("/api/auth/login", content=b"x" * (64 * 1024 + 1)), 413, "body-too-large")

    def test_a_file_of_the_limit_and_its_framing_passes(self, site: Front) -> None:
        assert site.client.post(UPLOAD, content=b"x" * (LIMIT + MIB)).text == str(LIMIT + MIB)

    def test_the_application_reads_while_the_client_still_sends(self, site: Front) -> None:
        def body() -> Iterator[bytes]:
            yield b"x" * 1024
            assert site.upstream.go_on.wait(5), "nginx kept the body to itself"
            yield b"x" * 1024

        site.upstream.go_on.clear()
        answer = site.client.post(UPLOAD, content=body(), headers={"Content-Length": "2048"})
        assert answer.text == "2048"

    def test_an_early_refusal_reaches_a_client_that_still_sends(self, site: Front) -> None:
        answer = site.client.post(UPLOAD, content=b"x" * (2 * MIB), headers={"X-Early": "1"})
        assert (answer.status_code, answer.json()) == (401, {"code": "not-signed-in"})
        assert answer.headers["connection"] == "close", "a client that kept it would lose its next request"


class TestMedia:
    def test_the_share_is_not_reachable_from_outside(self, site: Front) -> None:
        before = len(site.upstream.asked)
        for path in ("/_media/originals/ab/clip.mp4", "/_media/", "/_media/originals/../incoming/half.part"):
            problem(site.client.get(path), 404, "not-found")
        assert len(site.upstream.asked) == before

    def test_an_authorised_file_comes_with_range_etag_and_the_applications_type(self, site: Front) -> None:
        whole = site.client.get("/file/originals/ab/clip.mp4")
        assert whole.content == CLIP
        assert whole.headers["content-type"] == "video/mp4"
        assert whole.headers["content-disposition"] == "inline"
        assert whole.headers["x-content-type-options"] == "nosniff"
        headers = {"Range": "bytes=10-19", "If-Range": whole.headers["etag"]}
        part = site.client.get("/file/originals/ab/clip.mp4", headers=headers)
        assert (part.status_code, part.content) == (206, CLIP[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{len(CLIP)}"
        same = site.client.get("/file/originals/ab/clip.mp4", headers={"If-None-Match": whole.headers["etag"]})
        assert same.status_code == 304

    def test_a_range_beyond_the_end_is_a_problem_document(self, site: Front) -> None:
        beyond = site.client.get("/file/originals/ab/clip.mp4", headers={"Range": "bytes=9999999-"})
        problem(beyond, 416, "no-such-range")

    @pytest.mark.parametrize(
        "key", ["originals/ab/.hidden", "incoming/half.part", "originals/ab/link.mp4", "originals/none.mp4"]
    )
    def test_what_is_hidden_linked_arriving_or_gone_is_not_there(self, site: Front, key: str) -> None:
        problem(site.client.get(f"/file/{key}"), 404, "not-found")

    def test_a_way_out_of_the_share_is_no_way(self, site: Front) -> None:
        answer = site.client.get("/file/originals/..%2f..%2foutside.txt")
        assert b"secret" not in answer.content
        assert answer.status_code >= 400


class TestWhatTheApplicationSees:
    def test_the_peer_is_the_real_one_and_every_request_has_an_id(self, site: Front) -> None:
        lies = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "X-Request-Id": "mine", "Proxy": "evil"}
        seen = {name.lower(): value for name, value in site.client.get("/echo", headers=lies).json().items()}
        assert seen["x-forwarded-for"] == "127.0.0.1"
        assert seen["x-forwarded-proto"] == "http"
        assert seen["host"] == f"127.0.0.1:{site.port}"
        assert len(seen["x-request-id"]) == 32
        assert "proxy" not in seen

    def test_its_own_refusals_pass_untouched(self, site: Front) -> None:
        answer = site.client.get("/refused")
        assert (answer.status_code, answer.json()) == (404, {"code": "of the application"})
        assert answer.headers["content-type"] == "application/problem+json"

    def test_events_arrive_as_they_are_sent(self, site: Front) -> None:
        site.upstream.go_on.clear()
        with site.client.stream("GET", "/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "data: 1"
            site.upstream.go_on.set()
            assert "data: 2" in list(lines)


class TestStreams:
    PATH = "/api/jobs/01990000-0000-7000-8000-000000000000/events"

    def test_they_have_a_limit_of_their_own_for_each_address_and_pages_go_on(self, tmp_path: Path) -> None:
        with front(tmp_path, exempt_networks=()) as site, ExitStack() as open_ones:
            site.upstream.go_on.clear()
            kept = self._open_two(site, open_ones)
            refused = problem(site.client.get(self.PATH), 429, "too-many-requests")
            assert refused["status"] == 429
            assert site.client.get(self.PATH).headers["retry-after"]
            assert site.client.get("/echo").status_code == 200
            site.upstream.go_on.set()
            assert len(kept) == 2

    def test_an_exempt_network_may_open_more(self, site: Front) -> None:
        site.upstream.go_on.clear()
        with ExitStack() as open_ones:
            kept = self._open_two(site, open_ones)
            with site.client.stream("GET", self.PATH) as third:
                assert next(third.iter_lines()) == "data: 1"
                site.upstream.go_on.set()
            assert len(kept) == 2

    def _open_two(self, site: Front, open_ones: ExitStack) -> list[Iterator[str]]:
        streams = [open_ones.enter_context(site.client.stream("GET", self.PATH)).iter_lines() for _ in range(2)]
        assert [next(stream) for stream in streams] == ["data: 1"] * 2
        return streams  # dropping one closes it


class TestRefusals:
    @pytest.mark.parametrize(
        ("header", "detail"),
        [
            ("en-GB,en;q=0.9,es;q=0.5", "We cannot find what you are looking for."),
            ("de, en;q=0.8, es;q=0.5", "We cannot find what you are looking for."),
            ("es-CO,es;q=0.9,en;q=0.8", "No encontramos lo que buscas."),
            ("de, es;q=0.8, en;q=0.5", "No encontramos lo que buscas."),
            ("de-EN", "No encontramos lo que buscas."),
            ("pt-BR,pt;q=0.9,en;q=0.8,es;q=0.5", "Não encontramos o que você procura."),
            ("en, pt", "We cannot find what you are looking for."),
            ("es, pt", "No encontramos lo que buscas."),
        ],
    )
    def test_they_speak_the_language_that_is_named_first(self, site: Front, header: str, detail: str) -> None:
        answer = site.client.get("/_media/x", headers={"Accept-Language": header})
        assert problem(answer, 404, "not-found")["detail"] == detail

    @pytest.mark.parametrize(
        ("cookie", "detail"),
        [
            ("a=b; anb-language=pt", "Não encontramos o que você procura."),
            ("anb-language=es; anb=x", "No encontramos lo que buscas."),
            ("not-anb-language=pt", "We cannot find what you are looking for."),
            ("anb-language=ptx", "We cannot find what you are looking for."),
        ],
    )
    def test_a_language_that_the_reader_chose_comes_first(self, site: Front, cookie: str, detail: str) -> None:
        answer = site.client.get("/_media/x", headers={"Accept-Language": "en, es", "Cookie": cookie})
        assert problem(answer, 404, "not-found")["detail"] == detail

    def test_an_address_too_long(self, site: Front) -> None:
        problem(site.client.get("/" + "x" * 20_000), 414, "address-too-long")

    def test_headers_too_large(self, site: Front) -> None:
        problem(site.client.get("/", headers={"X-Much": "x" * 20_000}), 431, "headers-too-large")

    def test_a_request_that_is_none(self, site: Front) -> None:
        with closing(socket.create_connection(("127.0.0.1", site.port), timeout=5)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nContent-Length: nonsense\r\n\r\n")
            head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert json.loads(body)["code"] == "bad-request"

    def test_an_application_that_is_down_is_worth_a_retry(self, tmp_path: Path) -> None:
        with front(tmp_path) as down:
            down.upstream.socket.unlink()
            down.client.get("/bye")  # ends the connection that nginx kept
            answer = down.client.get("/echo")
        problem(answer, 502, "unavailable")
        assert answer.headers["retry-after"] == "5"


class TestAccessLog:
    def test_it_tells_what_happened_without_secrets(self, site: Front) -> None:
        site.client.get("/echo?signature=topsecret", headers={"Authorization": "Bearer topsecret"})
        log = site.access_log()
        line = log[-1]
        assert (line["path"], line["status"], line["method"]) == ("/echo", 200, "GET")
        assert len(line["request_id"]) == 32
        assert float(line["upstream_seconds"]) >= 0
        assert "topsecret" not in json.dumps(log)
