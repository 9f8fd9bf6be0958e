"""Runs cells concurrently, each with its own account, network and client, and gathers the evidence."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from verify.kit.progress import ByteCounter
from verify.kit.shaping import shaped
from verify.network import evidence
from verify.network.cells import LANES, THROTTLED, NetworkCell
from verify.network.clients import curl, node
from verify.network.clients.page import Pages, browsing
from verify.network.clients.transfer import Errand, Report
from verify.network.clients.tuspy import tuspy
from verify.network.evidence import CellEvidence, ClientResponse, Remains
from verify.network.platform import Accounts, DownloadableClip, Platform, running

SETTLE_SECONDS = 6.0  # time for cut requests to end and clean up
CLIENTS = {
    "multipart/curl": curl.multipart,
    "form/curl": curl.form,
    "tus/curl": curl.tus,
    "tus/tus-js-client": node.tus_js_client,
    "tus/uppy": node.uppy,
    "tus/tuspy": tuspy,
    "original/curl": curl.download,
    "processed/curl": curl.download,
}
PAGES = tuple(lane for lane in LANES if lane not in CLIENTS)


@dataclass(frozen=True)
class MatrixPlan:
    """The cells to run, and the limits."""

    cells: Sequence[NetworkCell]
    at_once: int
    slack: float  # seconds that a cell may take beyond its network's share
    seconds: float = 1e9  # after which no cell begins


@dataclass(frozen=True)
class MatrixOutcome:
    """The results to judge."""

    cells: Sequence[CellEvidence]
    remains: Remains
    skipped: Sequence[NetworkCell]
    seconds: float
    late: Sequence[NetworkCell] = ()  # did not begin in time


@dataclass(frozen=True)
class _Ground:
    """What cells share."""

    platform: Platform
    accounts: Accounts
    published: DownloadableClip | None  # None if no cell fetches
    pages: Pages | None


def run(plan: MatrixPlan, say: Callable[[str], None]) -> MatrixOutcome:
    """Start the platform, run the cells, and gather their evidence."""
    begun = time.monotonic()
    with running() as platform:
        say(f"the platform is up after {time.monotonic() - begun:.0f} s")
        outcome = run_on(platform, plan, say)
        logs = [platform.logs / f"{part}.log" for part in ("web", "uploads")]
        remains = evidence.remains(platform.database_url, platform.media, logs)
    return replace(outcome, remains=remains, seconds=time.monotonic() - begun)


def run_on(platform: Platform, plan: MatrixPlan, say: Callable[[str], None]) -> MatrixOutcome:
    """Run the cells on a running platform, which others may use too."""
    begun = time.monotonic()
    if any(cell.client in node.CLIENTS for cell in plan.cells):
        node.install()
    cells, skipped = asyncio.run(_run_all(plan, platform, say))
    known = {seen.cell for seen in cells}.union(skipped)
    time.sleep(SETTLE_SECONDS)
    logged = evidence.logged(platform.access_logs())
    judged = [replace(seen, logged=logged.get(seen.cell.name, ())) for seen in cells]
    late = [cell for cell in plan.cells if cell not in known]
    return MatrixOutcome(judged, Remains(), skipped, time.monotonic() - begun, late)


async def _run_all(
    plan: MatrixPlan, platform: Platform, say: Callable[[str], None]
) -> tuple[list[CellEvidence], list[NetworkCell]]:
    accounts = Accounts(platform.url)
    needs_pages = any(cell.lane in PAGES for cell in plan.cells)
    async with browsing() if needs_pages else nullcontext() as pages:
        fetches = not all(cell.is_upload for cell in plan.cells)
        published = await accounts.publish(platform.large, platform.folder) if fetches else None
        shared = _Ground(platform, accounts, published, pages)
        skipped = [cell for cell in plan.cells if pages is None and cell.lane in PAGES]
        turns, done = asyncio.Semaphore(plan.at_once), 0
        chosen = [cell for cell in plan.cells if cell not in skipped]
        deadline = time.monotonic() + plan.seconds

        async def in_turn(cell: NetworkCell, number: int) -> CellEvidence | None:
            nonlocal done
            async with turns:
                if time.monotonic() > deadline:
                    return None
                cell_evidence = await _run(cell, number, shared, plan.slack)
            done += 1
            say(f"{done}/{len(chosen)} {cell.name}: {cell_evidence.outcome} in {cell_evidence.seconds:.0f} s")
            return cell_evidence

        gathered = await asyncio.gather(*(in_turn(cell, number) for number, cell in enumerate(chosen)))
        await accounts.close()
    return [one for one in gathered if one is not None], skipped


async def _run(cell: NetworkCell, number: int, shared: _Ground, slack: float) -> CellEvidence:
    if cell.lane in PAGES and shared.pages is not None:
        async with shared.pages.turn:
            return await _carry(cell, number, shared, slack)
    return await _carry(cell, number, shared, slack)


async def _carry(cell: NetworkCell, number: int, shared: _Ground, slack: float) -> CellEvidence:
    platform = shared.platform
    folder = platform.folder / "cells" / str(number)
    folder.mkdir(parents=True)
    clip = platform.small if cell.event.kind == "one-byte" else platform.large
    published, path = shared.published, ""
    if cell.is_upload:
        account = await shared.accounts.make()
    else:
        assert published is not None
        account, clip, path = published.account, published.files[cell.door], published.addresses[cell.door]
    progress = ByteCounter(clip.size, goes_up=cell.is_upload, is_plain=cell.protocol == "http1")
    progress.armed = cell.lane not in PAGES
    rate = None if cell.lane == THROTTLED else cell.rate
    async with shaped(("127.0.0.1", platform.port(cell.protocol)), rate, cell.event, progress) as line:
        errand = Errand(line, cell.protocol, account, clip, folder, platform.certificate, cell.name, path)
        begun = time.monotonic()
        report = await _send(cell, errand, shared.pages, seconds_of(cell) + slack)
        seconds = time.monotonic() - begun
    found = await asyncio.to_thread(evidence.rows, platform.database_url, account.email, platform.media)
    videos, uploads = found if cell.is_upload else ([], [])
    return CellEvidence(
        cell=cell, sha256=clip.sha256, size=clip.size, outcome=report.outcome, seconds=seconds,
        struck=progress.struck, passed=progress.passed, connections=len(line.connections), fetched=report.fetched,
        answers=[ClientResponse(one.method, one.status, one.offset, one.kind, one.detail) for one in report.answers],
        failures=report.failures, videos=videos, uploads=uploads,
    )  # fmt: skip


async def _send(cell: NetworkCell, errand: Errand, pages: Pages | None, patience: float) -> Report:
    report = Report("hung")
    try:
        async with asyncio.timeout(patience):
            if cell.lane in CLIENTS:
                return await CLIENTS[cell.lane](errand)
            assert pages is not None, cell.lane
            return await pages.upload(errand, cell.rate if cell.lane == THROTTLED else None)
    except TimeoutError:
        return report
    except Exception as error:  # noqa: BLE001 - a client that breaks is a finding, and the other cells continue
        return Report("gave up", failures=[repr(error)])


def seconds_of(cell: NetworkCell) -> float:
    """Return the network's share of the time: the clip once, and once more after a break."""
    travel = 1_500_000 / (cell.rate or 1e9)
    is_broken = cell.event.kind in {"reset", "finish", "blackhole", "lost-reply", "half-close"}
    return travel * (2 if is_broken else 1) + cell.event.seconds
