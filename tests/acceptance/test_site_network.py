"""A few cells of the network matrix, run daily: networks that once cost a player their upload."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from verify.kit.network_faults import NetworkFault
from verify.kit.ports import free_port
from verify.network import judge
from verify.network.cells import NetworkCell
from verify.network.clients import node
from verify.network.platform import Platform, TransferFile, tls
from verify.network.run import MatrixOutcome, MatrixPlan, run_on

from support.site import Site, short_clip

DAILY = (
    NetworkCell("tus/curl", "http1", "full", NetworkFault("stall", "middle", 8)),
    NetworkCell("tus/curl", "tls", "full", NetworkFault("lost-reply", "last")),
    NetworkCell("tus/tuspy", "http1", "full", NetworkFault("stall", "last", 2.5)),
    NetworkCell("tus/tuspy", "tls", "full", NetworkFault("reset", "middle")),
    NetworkCell("multipart/curl", "http1", "full", NetworkFault("lost-reply", "last")),
    NetworkCell("multipart/curl", "tls", "full", NetworkFault("stall", "start", 8)),
    NetworkCell("form/curl", "http1", "full", NetworkFault("half-close", "last")),
)
SLACK = 90.0


@pytest.fixture
def platform(site: Site, tmp_path: Path) -> Iterator[Platform]:
    """The site of this run, behind a second nginx that speaks TLS; each test keeps what its cells write."""
    port, clip = free_port(), TransferFile.of(short_clip())
    with tls(site.folder, tmp_path / "tls", port) as certificate:
        yield Platform(site.folder, tmp_path, int(site.url.rpartition(":")[2]), port, certificate, clip, clip)


def failed(outcome: MatrixOutcome) -> dict[str, list[str]]:
    return {seen.cell.name: found for seen in outcome.cells if (found := judge.findings(seen))}


@pytest.mark.slow  # a fifth of a minute; CI also runs a sample of the whole matrix
def test_bad_networks_cost_nobody_their_clip(platform: Platform) -> None:
    outcome = run_on(platform, MatrixPlan(DAILY, len(DAILY), SLACK), print)
    assert failed(outcome) == {}
    assert [seen.outcome for seen in outcome.cells] == ["whole"] * len(DAILY)


@pytest.mark.slow
def test_a_slow_phone_whose_line_breaks_resumes_where_it_was_acknowledged(platform: Platform) -> None:
    cells = [NetworkCell(f"tus/{client}", "http1", "60k", NetworkFault("reset", "middle")) for client in node.CLIENTS]
    outcome = run_on(platform, MatrixPlan(cells, len(cells), SLACK), print)
    assert failed(outcome) == {}
    assert [judge.verdict(seen) for seen in outcome.cells] == ["resumed"] * len(cells)
