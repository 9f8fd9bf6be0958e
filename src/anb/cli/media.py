"""The `anb media` commands: explain how a clip is judged and edited."""

import json as jsons
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from anb.errors import Outage, Refusal
from anb.media.check import RuleCheck
from anb.media.explain import Explanation, explain
from anb.media.probe import Probe
from anb.settings import Settings, WrongSetting, load, of_here
from anb.videos.domain import TooManyBytes

commands = typer.Typer(no_args_is_help=True, help="Explain how clips are judged and edited.")

REFUSED, UNREAD = 1, 2
# A probe uses neither database nor queue nor share, so where none of them runs any address will do.
NOBODY = {"database_url": "postgresql://nobody@localhost/none", "redis_url": "redis://localhost", "media_root": "."}

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A clip as it was uploaded.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Begin = Annotated[
    float, typer.Option("--start", min=0, metavar="SECONDS", help="Start the edit at this time of the clip.")
]
Command = Annotated[bool, typer.Option("--command", help="Also print the FFmpeg commands of the edit.")]


@commands.callback()
def _group() -> None:
    """Keep `explain` a named subcommand although it is the only one."""


@commands.command("explain")
def explain_clip(file: File, start: Begin = 0, json: Json = False, command: Command = False) -> None:
    """Explain what a clip holds, which rule decides, and what its edit does and why.

    Exits with 0 when the clip is accepted, 1 when it is refused, 2 when this cannot be found out.
    """
    from anb import bootstrap  # noqa: PLC0415 - celery costs every other command a third of a second

    try:
        settings = _settings()
        found = explain(bootstrap.build_prober(settings), settings, file, start)
    except (Outage, WrongSetting) as error:
        typer.echo(f"anb: {error}", err=True)
        sys.exit(UNREAD)
    checks = (_bytes(file.stat().st_size, settings), *found.checks)
    refusal = next((check.refusal for check in checks if check.refusal), None)
    if json:
        typer.echo(jsons.dumps(_document(file, found, checks, refusal), indent=2, default=_plain, ensure_ascii=False))
    else:
        typer.echo("\n".join(_lines(file, found, checks, refusal, command=command)))
    sys.exit(REFUSED if refusal else 0)


def _settings() -> Settings:
    try:
        return of_here()
    except WrongSetting:
        return load(Settings, **NOBODY)


def _bytes(size: int, settings: Settings) -> RuleCheck:
    """Check a file against the rule that an upload meets first, while it arrives."""
    most = settings.upload_max_bytes
    large = TooManyBytes.of(size, most) if size > most else None
    return RuleCheck("bytes", f"at most {most}", str(size), large)


def _lines(
    file: Path, found: Explanation, checks: tuple[RuleCheck, ...], refusal: Refusal | None, *, command: bool
) -> Iterator[str]:
    yield f"{file}: {f'refused ({refusal.code})' if refusal else 'accepted'}"
    if found.probe and found.probe.codec:
        yield from ("", "What is in it", *_facts(found.probe))
    yield from ("", "The rules, in order; a player reads the first broken one")
    for check in checks:
        yield f"  {'BROKEN' if check.refusal else 'ok':<8}{check.rule:<18}{check.limit}; found {check.found}"
        if check.refusal:
            yield from (f"{'':<10}es: {check.refusal.text('es')}", f"{'':<10}en: {check.refusal.text('en')}")
    if found.decisions:
        yield from ("", f"The edit by recipe {found.recipe}{', if it were accepted' if refusal else ''}")
    for decision in found.decisions:
        yield f"  {decision.about + ':':<15} {decision.does}"
        yield f"{'':<18}because {decision.because}"
    for number, run in enumerate(found.runs if command else (), 1):
        yield from ("", f"Run {number} of FFmpeg, {run.budget:.0f} s at most", shlex.join(["ffmpeg", *run.arguments]))


def _facts(probe: Probe) -> Iterator[str]:
    index = {True: ", index first", False: ", index last", None: ""}[probe.moov_first]
    yield f"  {probe.container}, opened by the demuxer {probe.demuxer}{index}; {probe.bytes} bytes"
    for track in probe.tracks:
        size = f" {track.width}x{track.height}" if track.kind == "video" else ""
        flags = "".join([", plays by default" * track.plays, ", cover picture" * track.cover])
        counted = f", {track.frames} samples" if track.frames else ""
        yield f"  track {track.index}: {track.kind} {track.codec}{size}{counted}{flags}"
    yield f"  {probe.frames} pictures in {probe.duration:.3f} s, {1 + len(probe.changes)} format(s) of picture"


def _document(
    file: Path, found: Explanation, checks: tuple[RuleCheck, ...], refusal: Refusal | None
) -> Mapping[str, object]:
    return {
        "file": str(file),
        "accepted": refusal is None,
        "refusal": refusal,
        "rules": [{**vars(check), "passed": check.refusal is None} for check in checks],
        "facts": asdict(found.probe) if found.probe else None,
        "recipe": found.recipe,
        "decisions": [asdict(decision) for decision in found.decisions],
        "commands": [["ffmpeg", *run.arguments] for run in found.runs],
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - a value that JSON can hold
    if isinstance(value, Refusal):
        return {"code": value.code, "status": value.status, "es": value.text("es"), "en": value.text("en")}
    return float(value) if isinstance(value, Fraction) else str(value)
