"""The part of a clip that an edit uses. The rest of the recipe treats it as a clip of its own."""

from dataclasses import fields, replace

from anb.media.probe import FormatChange, FrameFormat, Probe


def after_start(probe: Probe) -> Probe:
    """Return the facts of the clip after its start, with times counted from the first picture shown."""
    start = probe.start
    if start is None or start.at == 0:
        return replace(probe, start=None)
    before = [change for change in probe.changes if change.at <= start.at]
    left = [FormatChange(change.at - start.at, change.format) for change in probe.changes[len(before) :]]
    frame_format = before[-1].format if before else probe
    form = {each.name: getattr(frame_format, each.name) for each in fields(FrameFormat)}
    seconds = max(0.0, probe.duration - float(start.at))
    return replace(probe, **form, duration=seconds, changes=tuple(left), passed=probe.formats[: len(before)])


def unsought(probe: Probe) -> Probe:
    """Return the facts as if FFmpeg could not seek."""
    return replace(probe, start=probe.start and replace(probe.start, seek=None, before=probe.start.at))
