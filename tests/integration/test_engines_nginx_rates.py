"""nginx as the outer limit: which address is counted, and what it answers to a request that failed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from support.stack_upstream import Front, front

EXEMPT, SECRET = "127.0.9.0/24", "5ec2e7"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("rates"), requests=1, exempt_networks=(EXEMPT,)) as running:
        yield running


def statuses(site: Front, address: str, path: str = "/echo", requests: int = 20) -> Counter[int]:
    with calling(site, address) as client:
        return Counter(client.get(path).status_code for _ in range(requests))


def calling(site: Front, address: str) -> httpx.Client:
    """Call from one of this machine's own addresses."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=f"http://127.0.0.1:{site.port}", transport=transport, timeout=10)


@pytest.mark.parametrize(
    ("address", "path"),
    [("127.0.1.1", "/echo"), ("127.0.2.1", "/api/public/videos?city=x"), ("127.0.3.1", "/static/site.css")],
)
def test_a_flood_is_refused_wherever_it_goes(site: Front, address: str, path: str) -> None:
    seen = statuses(site, address, path)
    assert set(seen) == {200, 429}
    assert 10 <= seen[200] <= 16


def test_a_refusal_says_when_to_come_back(site: Front) -> None:
    with calling(site, "127.0.4.1") as client:
        refused = [client.get("/echo") for _ in range(20)][-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["retry-after"]) > 0


def test_a_block_of_addresses_is_one_and_another_is_another(site: Front) -> None:
    statuses(site, "127.0.5.1")
    assert statuses(site, "127.0.5.200", requests=1) == {429: 1}
    assert statuses(site, "127.0.6.1", requests=1) == {200: 1}


def test_a_network_that_an_operator_names_is_not_counted(site: Front) -> None:
    assert statuses(site, "127.0.9.7", requests=40) == {200: 40}


def test_the_application_learns_the_true_address_whatever_a_client_says(site: Front) -> None:
    with calling(site, "127.0.9.8") as liar:
        heard = liar.get("/echo", headers={"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}).json()
    assert {name.lower(): text for name, text in heard.items()}["x-forwarded-for"] == "127.0.9.8"


def test_no_log_has_the_signature_of_a_request_that_went_wrong(tmp_path: Path) -> None:
    with front(tmp_path) as site:
        site.media.joinpath("locked").mkdir()
        signed = f"expires=1&signature={SECRET}"
        said = {
            path: site.client.get(f"{path}?{signed}", headers=headers).status_code
            for path, headers in [
                ("/file/nothing.mp4", {}),  # not there
                ("/file/locked", {}),  # no file
                ("/" + "x" * 20_000, {}),  # an address too long
                ("/echo", {"X-Long": "x" * 70_000}),
                ("/echo", {"Host": "a b"}),
                ("/die", {}),  # the application dies in the middle of its answer
            ]
        }
        site.upstream.socket.unlink()
        assert site.client.get(f"/echo?{signed}", headers={"Connection": "close"}).status_code == 502
        assert set(said.values()) <= {301, 400, 404, 414, 431, 502}
        lines = site.access_log()
        words = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "logs").iterdir())
    assert SECRET not in words
    assert [one["upstream_status"] for one in lines if one["status"] == 502]  # operators find the failures here
