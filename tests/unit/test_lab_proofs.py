"""The lab's own checks: forms sent slowly, clips of a given size, a table of what does not hold."""

import io
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import pytest
from deploy.aws.reachability import Arrow
from rich.console import Console
from verify.kit import numbered_clips, upload_forms
from verify.lab.kernel import LinuxKernel
from verify.lab.proof_run import Broken, ProofRun, ProofVerdict, check, wait_until
from verify.lab.proofs import memory
from verify.lab.site import LabHost, LabSite, load
from verify.lab.verdicts import Proved, prove_all, show

from anb.settings import MIB

WEB = LabHost("web", "web", "172.31.1.10", "i-1", 2048, "#cloud-config\n")


def nobody() -> Any:
    raise AssertionError("no successor is asked for here")


@pytest.fixture
def lab(tmp_path: Path) -> ProofRun:
    site = LabSite(tmp_path, tmp_path / "image", LinuxKernel(Path("/")))
    return ProofRun(site, None, lambda _text: None, 0.0, nobody)  # type: ignore[arg-type]


def proof(verdict: ProofVerdict | Exception) -> ModuleType:
    """Return a proof that finds this."""

    def prove(_lab: ProofRun) -> ProofVerdict:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    made = ModuleType("made")
    made.__dict__.update(PROMISE="a promise", GOAL="a goal", prove=prove)
    return made


class TestPadding:
    def test_a_padded_clip_has_the_size_and_still_plays(self) -> None:
        padded = upload_forms.pad(numbered_clips.draw(7), MIB)
        assert len(padded) == MIB
        with av.open(io.BytesIO(padded), "r") as container:
            assert len(list(container.decode(video=0))) == numbered_clips.FRAMES

    def test_a_clip_is_not_cut_to_a_size(self) -> None:
        with pytest.raises(ValueError, match="already"):
            upload_forms.pad(b"0" * 100, 100)


class TestVerdicts:
    def test_a_proof_that_fails_is_a_verdict_and_the_next_is_run(self, lab: ProofRun) -> None:
        first, second = prove_all(lab, [proof(Broken("it was lost")), proof(ProofVerdict("1 of 1", holds=True))])
        assert not first.verdict.holds
        assert first.verdict.notes == ("Broken: it was lost",)
        assert second.verdict.holds

    @pytest.mark.parametrize(("holds", "word"), [(True, "yes"), (False, "NO")])
    def test_the_table_says_what_holds(self, holds: bool, word: str) -> None:
        shown = io.StringIO()
        proved = [Proved("a promise", "a goal", ProofVerdict("a figure", holds, ("a note",)), 1.0)]
        assert show(proved, Console(file=shown, width=120)) is holds
        assert word in shown.getvalue()
        assert "a promise: a note" in shown.getvalue()

    def test_how_long_it_took_is_said_and_decides_nothing(self) -> None:
        shown = io.StringIO()
        proved = [Proved("the whole", "quick", ProofVerdict("16 min", holds=False, decides=False), 960.0)]
        assert show(proved, Console(file=shown, width=120))
        assert "NO" in shown.getvalue()

    @pytest.mark.parametrize(("mib", "holds"), [(900.0, True), (1537.0, False)])
    def test_a_host_may_have_one_and_a_half_gib_in_use(self, lab: ProofRun, mib: float, holds: bool) -> None:
        lab.peaks |= {"web": 300.0, "worker": mib}
        assert memory.judge(lab.peaks).holds is holds

    def test_nothing_measured_is_nothing_proved(self, lab: ProofRun) -> None:
        assert not memory.judge(lab.peaks).holds


class TestWaiting:
    def test_what_does_not_come_is_said(self) -> None:
        with pytest.raises(Broken, match="a worker: not within 0 s"):
            wait_until("a worker", lambda: False, 0)

    def test_a_condition_that_was_not_kept_is_said(self) -> None:
        with pytest.raises(Broken, match="nothing is lost"):
            check(kept=False, promise="nothing is lost")


class TestSite:
    def test_what_stands_is_found_again_by_another_process(self, tmp_path: Path) -> None:
        site = LabSite(
            tmp_path, tmp_path / "image", LinuxKernel(tmp_path), {"web": WEB}, {Arrow("client", "web", "tcp", 443, 443)}
        )
        site.known = {"bucket": "anb"}
        site.save()
        again = load(tmp_path)
        assert (again.machines, again.ways, again.known, again.image, again.kernel) == (
            site.machines, site.ways, site.known, site.image, site.kernel,
        )  # fmt: skip

    def test_the_database_is_what_the_groups_call_rds(self) -> None:
        machine = LabHost("database", "database", "172.31.250.10", "anb", 1024, "")
        assert machine.place.party == "rds"
